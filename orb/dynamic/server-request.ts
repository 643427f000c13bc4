import { Any, readValue, writeValue } from "../any/index.ts";
import { type CdrInput, type CdrOutput, readContext } from "../cdr/index.ts";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  Completion,
  MARSHAL,
  MINOR,
  SystemException,
} from "../exception/index.ts";
import { tc, typeName } from "../typecode/index.ts";
import { Context } from "./context.ts";
import { systemExceptionOf, UnknownUserException } from "./exceptions.ts";
import { isReturned, isSent } from "./flags.ts";
import { ExceptionList } from "./lists.ts";
import type { NVList } from "./nvlist.ts";

const VOID: Any = new Any(tc.void, undefined);

/**
 * CORBA::ServerRequest: one request as a dynamic servant sees it. The servant calls `arguments`, then `ctx` where the
 * IDL has a context, then `set_result` where there is one; or `set_exception` at any time (CORBA 3.3 Part 1, 12).
 */
export class ServerRequest {
  /** As on the wire: `_get_x` and `_set_x` for an attribute. */
  readonly operation: string;
  /** What the operation's IDL raises, where the servant says it: other user exceptions are refused then. */
  readonly exceptions: ExceptionList = new ExceptionList();
  readonly #input: CdrInput;
  #step: "arguments" | "context" | "result" | "done" = "arguments";
  #parameters: NVList | undefined;
  #result: Any = VOID;
  #exception: SystemException | UnknownUserException | undefined;
  #fault: MARSHAL | undefined;

  /** Internal: made for each request. */
  constructor(operation: string, input: CdrInput) {
    this.operation = operation;
    this.#input = input;
  }

  /**
   * Reads the in and inout arguments. The list describes all parameters in the order of the IDL; the values it is
   * given here are to be replaced by results before the servant returns.
   * @throws BAD_INV_ORDER 7 on the second time, or after set_exception; MARSHAL for octets that do not fit the types
   */
  arguments(parameters: NVList): void {
    if (this.#step !== "arguments") {
      throw this.#outOfOrder("arguments", MINOR.serverRequestArgumentsOutOfOrder);
    }
    this.#step = "context";
    this.#parameters = parameters;
    for (const parameter of parameters) {
      if (!isSent(parameter.flags)) continue;
      const { type } = parameter.value;
      parameter.value = new Any(type, readValue(this.#input, type));
    }
  }

  /**
   * The context that came with the request; null where none did.
   * @throws BAD_INV_ORDER 8 before `arguments`, on the second time, and after set_result or set_exception
   */
  ctx(): Context | null {
    if (this.#step !== "context") {
      throw this.#outOfOrder("ctx", MINOR.serverRequestContextOutOfOrder);
    }
    this.#step = "result";
    return this.#input.remaining === 0 ? null : Context._of(readContext(this.#input));
  }

  /**
   * Sets the result; not needed where it is void.
   * @throws BAD_INV_ORDER 9 before `arguments`, on the second time, and after set_exception; MARSHAL 2 where the context
   * was not read, 3 where the client sent more parameters than `arguments` was told
   */
  set_result(result: Any): void {
    if (this.#step !== "context" && this.#step !== "result") {
      throw this.#outOfOrder("set_result", MINOR.serverRequestResultOutOfOrder);
    }
    this.#checkRead();
    this.#step = "done";
    this.#result = result;
  }

  /**
   * Answers with an exception: an any with a system or user exception, or a system exception itself.
   * @throws BAD_PARAM 21 for what is no exception, 22 for a user exception that `exceptions` does not list
   */
  set_exception(exception: Any | SystemException): void {
    this.#step = "done";
    if (exception instanceof SystemException) {
      this.#exception = exception;
      return;
    }
    const type = exception.type.unaliased();
    if (type.kind() !== "tk_except") {
      const text = `set_exception: ${typeName(exception.type)} is no exception`;
      throw new BAD_PARAM(text, MINOR.notAnException);
    }
    const listed = [...this.exceptions];
    const system = systemExceptionOf(exception);
    if (system === undefined && listed.length > 0 && !listed.some((t) => t.id() === type.id())) {
      const text = `set_exception: ${this.operation} does not raise ${type.id()}; it raises ${listed.map((t) => t.id()).join(", ")}`;
      throw new BAD_PARAM(text, MINOR.unlistedExceptionSet);
    }
    this.#exception = system ?? new UnknownUserException(exception);
  }

  /** Internal: what the servant answered with, when it has returned. @throws the exception it set; as set_result */
  _finish(): void {
    if (this.#exception !== undefined) throw this.#exception;
    if (this.#parameters === undefined) {
      const text = `the dynamic servant of ${this.operation} called neither arguments nor set_exception`;
      throw new BAD_INV_ORDER(text, MINOR.serverRequestArgumentsOutOfOrder, Completion.maybe);
    }
    if (this.#step !== "done") this.#checkRead();
  }

  /** Internal: writes the reply. */
  _write(out: CdrOutput): void {
    writeValue(out, this.#result.type, this.#result.value);
    for (const { flags, value } of this.#parameters ?? []) {
      if (isReturned(flags)) writeValue(out, value.type, value.value);
    }
  }

  #checkRead(): void {
    this.#fault ??= this.#leftOver();
    if (this.#fault !== undefined) throw this.#fault;
  }

  // What is left over is a context or a parameter nobody asked for.
  #leftOver(): MARSHAL | undefined {
    const left = this.#input.remaining;
    if (left === 0) return undefined;
    if (this.#step === "context" && this.#isContextLeft()) {
      const text = `the context of ${this.operation} was not read: call ctx`;
      return new MARSHAL(text, MINOR.serverRequestContextNotRead, Completion.maybe);
    }
    const text = `the list given to arguments leaves ${left} octets of ${this.operation} unread`;
    return new MARSHAL(text, MINOR.serverRequestParametersMissing, Completion.maybe);
  }

  #isContextLeft(): boolean {
    try {
      readContext(this.#input);
      return this.#input.remaining === 0;
    } catch {
      return false;
    }
  }

  #outOfOrder(what: string, minor: number): BAD_INV_ORDER {
    const text = `${what} of ${this.operation} out of order: arguments, then ctx, then set_result, each once; nothing after set_exception`;
    return new BAD_INV_ORDER(text, minor, Completion.maybe);
  }
}
