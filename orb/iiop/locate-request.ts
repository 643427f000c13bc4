import type { CdrInput } from "../cdr/index.ts";
import { completionToOrdinal, type SystemException } from "../exception/index.ts";
import { beginMessage, codecFor, endMessage, type GiopMessage } from "../giop/index.ts";
import { writeIor } from "../ior/index.ts";
import { objectKeyOf, type ReplyPath } from "./iiop-request.ts";
import type { Question, Whereabouts } from "./server-request.ts";

/** A LocateRequest that came over a connection. */
export class LocateRequest implements Question {
  readonly requestId: number;
  readonly objectKey: Uint8Array;
  readonly input: CdrInput;
  /** Nothing of it is kept in memory but the key. */
  readonly octets = 0;
  readonly #minor: 0 | 1 | 2;
  readonly #path: ReplyPath;
  #step: "owed" | "answered" = "owed";
  readonly #abort = new AbortController();

  constructor(message: GiopMessage, path: ReplyPath) {
    const { input, minor } = message;
    const { requestId, target } = codecFor(minor).readLocateRequestHeader(input);
    this.requestId = requestId;
    this.objectKey = objectKeyOf(target);
    this.input = input;
    this.#minor = minor;
    this.#path = path;
  }

  get entrance(): number {
    return this.#path.entrance;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The client does not wait any more, or is gone. */
  cancel(): void {
    if (this.#step !== "owed") return;
    this.#step = "answered";
    this.#abort.abort();
    this.#path.answered(this);
  }

  found(place: Whereabouts): void {
    if (this.#step !== "owed") return;
    const { requestId } = this;
    const codec = codecFor(this.#minor);
    const out = this.#path.output(this.#minor);
    beginMessage(out, "LocateReply", this.#minor);
    switch (place.at) {
      case "unknown":
        codec.writeLocateReplyHeader(out, { requestId, status: "UNKNOWN_OBJECT" });
        break;
      case "here":
        codec.writeLocateReplyHeader(out, { requestId, status: "OBJECT_HERE" });
        break;
      case "forward": {
        const isPermanent = place.permanent && this.#minor === 2;
        const status = isPermanent ? "OBJECT_FORWARD_PERM" : "OBJECT_FORWARD";
        codec.writeLocateReplyHeader(out, { requestId, status });
        writeIor(out, place.to);
        break;
      }
    }
    this.#answer(endMessage(out));
  }

  /** Before GIOP 1.2 there is no such answer: the object is here, and the request behind it hears the same. */
  systemException(exception: SystemException): void {
    if (this.#minor < 2) {
      this.found({ at: "here" });
      return;
    }
    if (this.#step !== "owed") return;
    const { requestId } = this;
    const out = this.#path.output(this.#minor);
    beginMessage(out, "LocateReply", this.#minor);
    codecFor(this.#minor).writeLocateReplyHeader(out, {
      requestId,
      status: "LOC_SYSTEM_EXCEPTION",
    });
    out.string(exception.repositoryId);
    out.ulong(exception.minor).ulong(completionToOrdinal(exception.completed));
    this.#answer(endMessage(out));
  }

  #answer(message: Uint8Array): void {
    this.#step = "answered";
    this.#path.send(message);
    this.#path.answered(this);
  }
}
