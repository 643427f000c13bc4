import { CdrInput, type CdrContext, CdrOutput, OWN_CODE_SETS } from "../cdr/index.ts";
import {
  type GiopMessage,
  type ReplyStatus,
  RESPONSE,
  type ServiceContext,
  type Target,
} from "../giop/index.ts";
import {
  Answers,
  ENTRANCE,
  type PendingCall,
  type RequestHandler,
  type ServerRequest,
} from "../iiop/index.ts";
import type { AnyOperation } from "./operation.ts";

function output(context: CdrContext): CdrOutput {
  return new CdrOutput({
    giopMinor: 2,
    charSet: OWN_CODE_SETS.char.native,
    wcharSet: OWN_CODE_SETS.wchar.native,
    context,
  });
}

function inputOf(octets: Uint8Array, context: CdrContext): CdrInput {
  return new CdrInput(octets, {
    giopMinor: 2,
    charSet: OWN_CODE_SETS.char.native,
    wcharSet: OWN_CODE_SETS.wchar.native,
    context,
  });
}

/** What the call says beside its arguments. */
export interface LocalTerms {
  /** One of RESPONSE. */
  readonly responseFlags: number;
  readonly contexts: readonly ServiceContext[];
  /** How the object is named. */
  readonly target: Target;
}

const ANSWER: Readonly<Record<number, ServerRequest["answer"]>> = {
  [RESPONSE.none]: "none",
  [RESPONSE.server]: "early",
  [RESPONSE.target]: "full",
};

/**
 * A call to a servant of the same ORB. Arguments and results travel as octets in memory, so that caller and
 * servant share no object, types are checked and exceptions are what they are from afar; no socket is used.
 */
export class LocalCall extends Answers implements ServerRequest {
  readonly objectKey: Uint8Array;
  readonly target: Target;
  readonly operation: string;
  readonly contexts: readonly ServiceContext[];
  readonly giopMinor = 2;
  readonly input: CdrInput;
  readonly peer = "this process";
  readonly connectionId = "this process";
  readonly client = "other";
  readonly entrance: number = ENTRANCE.inside;
  readonly answer: ServerRequest["answer"];
  readonly #context: CdrContext;
  readonly #caller: PendingCall;
  #step: "owed" | "answered" | "cancelled" = "owed";
  #requestId = 0;
  #abort: AbortController | undefined;

  static #lastId = 0;

  /** @throws what the operation throws for arguments it cannot write */
  constructor(
    context: CdrContext,
    objectKey: Uint8Array,
    operation: AnyOperation,
    args: readonly unknown[],
    caller: PendingCall,
    { responseFlags, contexts, target }: LocalTerms,
  ) {
    super();
    const out = output(context);
    operation.writeArguments(out, args);
    this.objectKey = objectKey;
    this.target = target;
    this.operation = operation.name;
    this.contexts = contexts;
    this.input = inputOf(out.finish(), context);
    this.answer = ANSWER[responseFlags] ?? "full";
    this.#context = context;
    this.#caller = caller;
  }

  /** Made on first use; few ask. */
  get requestId(): number {
    this.#requestId ||= ++LocalCall.#lastId;
    return this.#requestId;
  }

  /** Hands the request to the adapters, after what runs now. */
  start(handler: RequestHandler): void {
    queueMicrotask(() => {
      if (this.#step === "owed") handler.dispatch(this);
    });
  }

  cancel(): void {
    if (this.#step !== "owed") return;
    this.#step = "cancelled";
    this.#abort?.abort();
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#step === "cancelled") this.#abort.abort();
    return this.#abort.signal;
  }

  protected override _answer(
    status: ReplyStatus,
    write: (out: CdrOutput) => void,
    contexts: readonly ServiceContext[],
  ): void {
    if (this.answer === "none" || this.#step !== "owed") return;
    const out = output(this.#context);
    write(out);
    this.#step = "answered";
    const input = inputOf(out.finish(), this.#context);
    const message: GiopMessage = { type: "Reply", minor: 2, littleEndian: true, input };
    this.#caller.reply({ requestId: 0, status, contexts }, message);
  }
}
