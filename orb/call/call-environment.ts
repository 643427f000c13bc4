import type { Logger, TimerQueue } from "../base/index.ts";
import type { CdrContext } from "../cdr/index.ts";
import type { ServiceContext } from "../giop/index.ts";
import type { Hooks } from "../hook/index.ts";
import type { RequestHandler } from "../iiop/index.ts";
import type { ConnectionCache } from "../outgoing/index.ts";
import type { TermsEnvironment } from "../messaging/index.ts";
import type { Cancellations } from "./cancellations.ts";
import type { Heartbeats } from "./heartbeat.ts";
import type { Target } from "./target.ts";

/** Who sends requests to object groups: what these carry (CORBA 3.3 Part 2, 23.2.7). */
export interface GroupClient {
  /** A request unlike any other. @param expiresAt TimeBase::TimeT after which it is not repeated */
  newRequest(group: bigint | undefined, expiresAt: bigint): GroupRequest;
  /** FT_GROUP_VERSION. */
  ofVersion(version: number): ServiceContext;
}

/** A request to a group, open until it has ended: for so long the group must know what became of it. */
export interface GroupRequest {
  /** FT_REQUEST. */
  readonly context: ServiceContext;
  /** With some requests: tells the group which of this client's it need not know any more. To be asked when it leaves. */
  answered(): ServiceContext | undefined;
  /** @param isHeard false for a oneway request that left, and may be on its way */
  ended(isHeard: boolean): void;
}

/** What a call needs of the ORB. */
export interface CallEnvironment extends TermsEnvironment {
  /** The ORB itself; its type is on a higher floor. */
  readonly owner: object;
  readonly log: Logger;
  readonly context: CdrContext;
  readonly connections: ConnectionCache;
  readonly cancellations: Cancellations;
  readonly handler: RequestHandler;
  /** Asks the servers of object groups for their health. */
  readonly heartbeats: Heartbeats;
  /** Who this ORB is to object groups. */
  readonly groupClient: GroupClient;
  /** Milliseconds a call may take where its options do not say. */
  readonly deadlineMs: number;
  /** The timers of those calls. */
  readonly deadlines: TimerQueue;
  /** Who looks at calls; mostly nobody. */
  readonly hooks: Hooks;
  /** Whether a target is in this process, so that no connection is needed. */
  isLocal(target: Target): boolean;
  /** Throws when calls cannot be made any more. */
  checkRunning(): void;
}
