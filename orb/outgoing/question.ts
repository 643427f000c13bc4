import type { CdrOutput } from "../cdr/index.ts";
import { beginMessage, endMessage, type GiopCodec, type LocateReplyHeader } from "../giop/index.ts";
import type { Breakage, ClientConnection, OutgoingCall } from "../iiop/index.ts";

/** A LocateRequest: by its answer a server shows that it works, and that it has the object. */
class Question implements OutgoingCall {
  readonly isReplyExpected = true;
  readonly carriesContexts = false;
  readonly isUpkeep = true;
  readonly objectKey: Uint8Array;
  readonly #end: (why?: string) => void;

  constructor(objectKey: Uint8Array, end: (why?: string) => void) {
    this.objectKey = objectKey;
    this.#end = end;
  }

  write(out: CdrOutput, codec: GiopCodec, requestId: number): Uint8Array {
    const { objectKey } = this;
    beginMessage(out, "LocateRequest", codec.minor);
    codec.writeLocateRequestHeader(out, { requestId, target: { by: "key", objectKey } });
    return endMessage(out);
  }

  located({ status }: LocateReplyHeader): void {
    if (status === "UNKNOWN_OBJECT") this.#end("it does not have the object");
    else if (status === "LOC_SYSTEM_EXCEPTION") this.#end("it answers with an exception");
    else this.#end();
  }

  reply(): void {
    this.#end("it answers what it was not asked");
  }

  broken(breakage: Breakage): void {
    this.#end(breakage.kind === "lost" ? breakage.why : "it closed the connection");
  }
}

/**
 * Asks a server whether it has an object, by which it has to read, find and write as for a call.
 * @throws Error when it does not, or the connection ends first; else the signal's reason
 */
export function askFor(
  connection: ClientConnection,
  objectKey: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const end = (why?: string): void => {
      signal.removeEventListener("abort", abort);
      if (why === undefined) resolve();
      else reject(new Error(why));
    };
    const id = connection.send(new Question(objectKey, end));
    const abort = (): void => {
      connection.cancel(id);
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
  });
}
