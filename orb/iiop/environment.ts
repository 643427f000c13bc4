import type { Clock, Logger } from "../base/index.ts";
import type { CdrContext } from "../cdr/index.ts";
import type { Transport } from "../transport/index.ts";
import type { OutputPool } from "./output-pool.ts";
import type { ConnectionSettings } from "./settings.ts";

/** What all connections of one ORB share. */
export interface IiopEnvironment {
  readonly transport: Transport;
  readonly settings: ConnectionSettings;
  readonly context: CdrContext;
  readonly clock: Clock;
  readonly log: Logger;
  readonly outputs: OutputPool;
}
