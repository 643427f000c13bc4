import {
  isServerTraced,
  type ServerRequestTrace,
  traceServerEnd,
  traceServerRequest,
} from "../base/index.ts";
import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import {
  beginMessage,
  codecFor,
  type GiopMessage,
  type ReplyStatus,
  type RequestHeader,
  type ServiceContext,
  type Target,
} from "../giop/index.ts";
import { Completion, INV_OBJREF } from "../exception/index.ts";
import type { ClientOrb } from "../hook/index.ts";
import { PROFILE_TAG, readIiopProfile, type TaggedProfile } from "../ior/index.ts";
import { Answers } from "./answers.ts";
import type { ServerRequest } from "./server-request.ts";

/** What a request needs of its connection to be answered. */
export interface ReplyPath {
  readonly peer: string;
  readonly connectionId: string;
  readonly entrance: number;
  /** Whose client it seems to be, as far as it can be told by now. */
  readonly client: ClientOrb;
  /** Of the traces of its requests. */
  readonly origin: object;
  /** The connection's output, empty, set to its code sets. */
  output(minor: 0 | 1 | 2): CdrOutput;
  /** Takes the finished message that `output` holds. */
  send(message: Uint8Array): void;
  answered(request: Owed): void;
}

/** What a connection owes an answer to. */
export interface Owed {
  readonly requestId: number;
  /** Octets kept in memory until the answer. */
  readonly octets: number;
  cancel(): void;
}

/**
 * Moves the body behind it by 4 octets; a context that nobody knows is passed over by every ORB. Its id is of
 * the experimental range.
 */
const PADDING_CONTEXT: ServiceContext = { id: 0xffff_f001, data: new Uint8Array(4) };
const BODY_ALIGNMENT = 8;
const WANTS_REPLY = 1;
const AFTER_SERVANT = 3;

/** A request that came over a connection. */
export class IiopRequest extends Answers implements ServerRequest {
  readonly requestId: number;
  readonly objectKey: Uint8Array;
  readonly target: Target;
  readonly operation: string;
  readonly contexts: readonly ServiceContext[];
  readonly giopMinor: 0 | 1 | 2;
  readonly input: CdrInput;
  readonly answer: "none" | "early" | "full";
  /** Octets of the arguments, kept in memory until the answer. */
  readonly octets: number;
  readonly #path: ReplyPath;
  /** A oneway owes nothing; what would be its answer is its end. */
  #step: "owed" | "unowed" | "answered" | "cancelled";
  #abort: AbortController | undefined;
  /** Mostly nobody listens. */
  readonly #trace: ServerRequestTrace | undefined;

  constructor(header: RequestHeader, objectKey: Uint8Array, message: GiopMessage, path: ReplyPath) {
    super();
    this.requestId = header.requestId;
    this.objectKey = objectKey;
    this.target = header.target;
    this.operation = header.operation;
    this.contexts = header.contexts;
    this.giopMinor = message.minor;
    this.input = message.input;
    this.octets = message.input.remaining;
    this.answer = answerOf(header.responseFlags, message.minor);
    this.#path = path;
    this.#step = this.answer === "none" ? "unowed" : "owed";
    this.#trace = isServerTraced() ? this.#traced() : undefined;
  }

  #traced(): ServerRequestTrace {
    const { operation, objectKey, requestId, peer } = this;
    const { origin } = this.#path;
    const isAnswered = this.answer !== "none";
    return traceServerRequest({ origin, operation, objectKey, requestId, peer, isAnswered });
  }

  get peer(): string {
    return this.#path.peer;
  }

  get connectionId(): string {
    return this.#path.connectionId;
  }

  get entrance(): number {
    return this.#path.entrance;
  }

  get client(): ClientOrb {
    return this.#path.client;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#step === "cancelled") this.#abort.abort();
    return this.#abort.signal;
  }

  /** The client does not wait any more, or is gone: an answer given later is dropped. */
  cancel(): void {
    if (this.#step !== "owed") return;
    this.#step = "cancelled";
    if (this.#trace !== undefined) traceServerEnd(this.#trace, "CANCELLED");
    this.#abort?.abort();
    this.#path.answered(this);
  }

  protected override _answer(
    wanted: ReplyStatus,
    write: (out: CdrOutput) => void,
    contexts: readonly ServiceContext[],
    isAligned: boolean = false,
  ): void {
    if (this.#step === "unowed") {
      this.#step = "answered";
      if (this.#trace !== undefined) traceServerEnd(this.#trace, wanted);
    }
    if (this.#step !== "owed") return;
    const isBefore12 = this.giopMinor < 2;
    const status = isBefore12 && wanted === "LOCATION_FORWARD_PERM" ? "LOCATION_FORWARD" : wanted;
    const codec = codecFor(this.giopMinor);
    const out = this.#path.output(this.giopMinor);
    let message: Uint8Array;
    try {
      beginMessage(out, "Reply", this.giopMinor);
      codec.writeReplyHeader(out, { requestId: this.requestId, status, contexts });
      // Before 1.2 a body begins where the header ends, be that at 8 octets or at 4.
      if (isAligned && isBefore12 && out.position % BODY_ALIGNMENT !== 0) {
        out.reset();
        beginMessage(out, "Reply", this.giopMinor);
        const padded = [...contexts, PADDING_CONTEXT];
        codec.writeReplyHeader(out, { requestId: this.requestId, status, contexts: padded });
      }
      const headerEnd = codec.beginBody(out);
      write(out);
      message = codec.endBody(out, headerEnd);
    } catch (error) {
      out.reset();
      throw error;
    }
    this.#step = "answered";
    this.#path.send(message);
    this.#path.answered(this);
    if (this.#trace !== undefined) traceServerEnd(this.#trace, status);
  }
}

// Old drafts of 1.2 set other bits, which mean nothing; 1 asks for the reply before the servant runs.
function answerOf(responseFlags: number, minor: number): "none" | "early" | "full" {
  if ((responseFlags & WANTS_REPLY) === 0) return "none";
  return minor < 2 || (responseFlags & AFTER_SERVANT) === AFTER_SERVANT ? "full" : "early";
}

function keyOfProfile(profile: TaggedProfile | undefined): Uint8Array {
  if (profile?.tag !== PROFILE_TAG.internetIop) {
    throw new INV_OBJREF(
      "the request is addressed by a profile that is not IIOP",
      0,
      Completion.no,
    );
  }
  return readIiopProfile(profile.data).objectKey;
}

/** The object key of a request, however it is addressed. @throws INV_OBJREF, MARSHAL */
export function objectKeyOf(target: Target): Uint8Array {
  switch (target.by) {
    case "key":
      return target.objectKey;
    case "profile":
      return keyOfProfile(target.profile);
    case "reference":
      return keyOfProfile(target.ior.profiles[target.selectedProfile]);
  }
}
