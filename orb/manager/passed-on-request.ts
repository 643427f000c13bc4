import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import type { SystemException } from "../exception/index.ts";
import type { ReplyStatus, ServiceContext, Target } from "../giop/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import type { Ior } from "../ior/index.ts";

/** Writes the results of an operation, or the members of an exception. */
export type Write = (out: CdrOutput) => void;

/** A request as another one knows it: its answers are given to that one, as they are unless a subclass changes them. */
export class PassedOnRequest implements ServerRequest {
  readonly objectKey: Uint8Array;
  readonly target: Target;
  readonly operation: string;
  readonly contexts: readonly ServiceContext[];
  readonly giopMinor: 0 | 1 | 2;
  readonly input: CdrInput;
  readonly peer: string;
  readonly connectionId: string;
  readonly entrance: number;
  readonly answer: "none" | "early" | "full";
  readonly #request: ServerRequest;

  constructor(request: ServerRequest) {
    this.#request = request;
    this.objectKey = request.objectKey;
    this.target = request.target;
    this.operation = request.operation;
    this.contexts = request.contexts;
    this.giopMinor = request.giopMinor;
    this.input = request.input;
    this.peer = request.peer;
    this.connectionId = request.connectionId;
    this.entrance = request.entrance;
    this.answer = request.answer;
  }

  get requestId(): number {
    return this.#request.requestId;
  }

  get client(): ServerRequest["client"] {
    return this.#request.client;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  adds(contexts: () => readonly ServiceContext[]): void {
    this.#request.adds(contexts);
  }

  result(write: Write, contexts?: readonly ServiceContext[]): void {
    this.#request.result(write, contexts);
  }

  userException(id: string, write: Write, contexts?: readonly ServiceContext[]): void {
    this.#request.userException(id, write, contexts);
  }

  systemException(exception: SystemException, contexts?: readonly ServiceContext[]): void {
    this.#request.systemException(exception, contexts);
  }

  forward(to: Ior, permanent: boolean, contexts?: readonly ServiceContext[]): void {
    this.#request.forward(to, permanent, contexts);
  }

  readdress(by: Target["by"], contexts?: readonly ServiceContext[]): void {
    this.#request.readdress(by, contexts);
  }

  raw(status: ReplyStatus, body: Uint8Array, contexts: readonly ServiceContext[]): void {
    this.#request.raw(status, body, contexts);
  }
}
