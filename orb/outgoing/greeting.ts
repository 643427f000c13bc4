import { beginMessage, RESPONSE } from "../giop/index.ts";
import type { ClientConnection } from "../iiop/index.ts";

/** What asks whether a server is alive; it answers without a servant (CORBA 3.3 Part 2, 23.2.9). */
export const HEARTBEAT_OPERATION = "_FT_HB";

const NO_KEY: Uint8Array = new Uint8Array(0);

/**
 * Asks a peer whether it is there: its process, not its kernel alone, which takes connections for processes that hang. Any
 * answer will do; that of an ORB without heartbeats is an exception.
 * @throws Error when the connection ends first, else the signal's reason
 */
export function greet(connection: ClientConnection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => {
      connection.cancel(id);
      reject(signal.reason as Error);
    };
    const end = (settle: () => void): void => {
      signal.removeEventListener("abort", abort);
      settle();
    };
    const id = connection.send({
      isReplyExpected: true,
      carriesContexts: false,
      isUpkeep: true,
      write: (out, codec, requestId) => {
        beginMessage(out, "Request", codec.minor);
        codec.writeRequestHeader(out, {
          requestId,
          responseFlags: RESPONSE.target,
          target: { by: "key", objectKey: NO_KEY },
          operation: HEARTBEAT_OPERATION,
          contexts: [],
        });
        return codec.endBody(out, codec.beginBody(out));
      },
      reply: () => end(resolve),
      located: () => end(resolve),
      broken: () => end(() => reject(new Error("the peer closed the connection"))),
    });
    signal.addEventListener("abort", abort, { once: true });
  });
}
