import type { CdrOutput } from "../cdr/index.ts";
import { type GiopCodec, RESPONSE, type ServiceContext } from "../giop/index.ts";
import type { OutgoingCall } from "../iiop/index.ts";
import type { CallEnvironment } from "./call-environment.ts";
import { addressOf, writeRequest } from "./call-message.ts";
import type { AnyOperation } from "./operation.ts";
import type { ReferenceCore } from "./reference-core.ts";
import type { Target } from "./target.ts";

/** A request that is done when it has left: nothing is waited for, and nothing is kept of it. */
class LeavingRequest implements OutgoingCall {
  readonly isReplyExpected = false;
  readonly carriesContexts = true;
  readonly #target: Target;
  readonly #operation: AnyOperation;
  readonly #args: readonly unknown[];

  constructor(target: Target, operation: AnyOperation, args: readonly unknown[]) {
    this.#target = target;
    this.#operation = operation;
    this.#args = args;
  }

  write(
    out: CdrOutput,
    codec: GiopCodec,
    requestId: number,
    contexts: readonly ServiceContext[],
  ): Uint8Array {
    const target = addressOf(this.#target);
    const header = { requestId, target, contexts, responseFlags: RESPONSE.none };
    return writeRequest(out, codec, header, this.#operation, this.#args);
  }

  // A connection tells these to calls that wait for a reply alone.
  reply(): void {}
  located(): void {}
  broken(): void {}
}

/**
 * Sends a oneway call of SYNC_WITH_TRANSPORT where its connection is open already.
 * @returns false where nothing was sent: there is no connection, no room, or it cannot be written
 */
export function leavesAtOnce(
  env: CallEnvironment,
  core: ReferenceCore,
  operation: AnyOperation,
  args: readonly unknown[],
): boolean {
  try {
    const target = core.targetFrom(core.good, 0);
    if (target === undefined || env.isLocal(target)) return false;
    const connection = env.connections.opened(target);
    if (connection?.isOpen !== true) return false;
    connection.send(new LeavingRequest(target, operation, args));
    return true;
  } catch {
    // The call says why, in its own words.
    return false;
  }
}
