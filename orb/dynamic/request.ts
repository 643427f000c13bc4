import { Any } from "../any/index.ts";
import {
  BAD_CONTEXT,
  BAD_INV_ORDER,
  BAD_PARAM,
  Completion,
  INV_OBJREF,
  MINOR,
  NO_IMPLEMENT,
} from "../exception/index.ts";
import type { InvokeOptions } from "../call/index.ts";
import { invoke, ObjectReference } from "../object/index.ts";
import { tc, type TypeCode } from "../typecode/index.ts";
import { DynamicClientOperation, type Results, type Signature } from "./client-operation.ts";
import type { Context } from "./context.ts";
import { ARG_IN, ARG_INOUT, ARG_OUT, isReturned } from "./flags.ts";
import { ContextList, ExceptionList } from "./lists.ts";
import { NamedValue, NVList } from "./nvlist.ts";

/** Operations of all objects that may not be asked for by a request, unlike `_is_a`, `_non_existent` and `_interface`. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "_component",
  "_domain_managers",
  "_repository_id",
]);

/** How a request was sent, and what became of it. */
type RequestState =
  | { readonly at: "new" }
  /** By invoke or send_oneway, whose promises tell the rest. */
  | { readonly at: "synchronous" }
  | { readonly at: "waiting"; readonly settled: Promise<void> }
  | { readonly at: "answered"; readonly error: unknown }
  | { readonly at: "taken"; readonly error: unknown };

/**
 * CORBA::Request: one call of an operation that is known at run time alone (CORBA 3.3 Part 1, 11).
 * It is filled, sent once, and holds the results then. Made by `_request` and `_create_request`.
 */
export class Request {
  readonly target: ObjectReference;
  readonly operation: string;
  readonly arguments: NVList;
  readonly result: NamedValue;
  readonly exceptions: ExceptionList;
  readonly contexts: ContextList;
  /** Where the properties that `contexts` names are taken from. */
  ctx: Context | null;
  #state: RequestState = { at: "new" };

  /** Internal: use `_request` or `_create_request`. */
  constructor(
    target: ObjectReference,
    operation: string,
    parts: {
      readonly arguments?: NVList | null;
      readonly result?: NamedValue | null;
      readonly exceptions?: ExceptionList | null;
      readonly contexts?: ContextList | null;
      readonly ctx?: Context | null;
    },
  ) {
    this.target = target;
    this.operation = operation;
    this.arguments = parts.arguments ?? new NVList();
    this.result = parts.result ?? new NamedValue("", new Any(tc.void, undefined), ARG_OUT);
    this.exceptions = parts.exceptions ?? new ExceptionList();
    this.contexts = parts.contexts ?? new ContextList();
    this.ctx = parts.ctx ?? null;
  }

  /** Arguments are added in the order of the IDL; the name is for people. */
  add_in_arg(value: Any, name: string = ""): NamedValue {
    this.#checkNew();
    return this.arguments.add_value(name, value, ARG_IN);
  }

  /** After the call the value is what came back. */
  add_inout_arg(value: Any, name: string = ""): NamedValue {
    this.#checkNew();
    return this.arguments.add_value(name, value, ARG_INOUT);
  }

  /** After the call the value is what came back. */
  add_out_arg(type: TypeCode, name: string = ""): NamedValue {
    this.#checkNew();
    return this.arguments.add_type(name, type, ARG_OUT);
  }

  /** `void` where this is not called. */
  set_return_type(type: TypeCode): void {
    this.#checkNew();
    this.result.value = new Any(type, undefined);
  }

  /** The result; its value is undefined until the reply is there. */
  get return_value(): Any {
    return this.result.value;
  }

  /** Why a deferred call failed; undefined as long as it has not. */
  get exception(): unknown {
    const state = this.#state;
    return state.at === "taken" ? state.error : undefined;
  }

  /**
   * Calls and waits.
   * @throws UnknownUserException for what `exceptions` lists, system exceptions as stubs do; BAD_INV_ORDER 5 when sent before
   */
  async invoke(options?: InvokeOptions): Promise<void> {
    if (this.#state.at !== "new") throw this.#sentBefore(MINOR.requestInvokedTwice);
    const call = this.#call(false, options);
    this.#state = { at: "synchronous" };
    this.#keep(await call);
  }

  /**
   * Sends without asking for a reply; settled when the transport has the request.
   * @throws BAD_PARAM 31 when results or exceptions are expected, BAD_INV_ORDER 10 when sent before
   */
  async send_oneway(options?: InvokeOptions): Promise<void> {
    if (this.#state.at !== "new") throw this.#sentBefore(MINOR.requestAlreadySent);
    const isVoid = this.result.value.type.unaliased().kind() === "tk_void";
    const hasOuts = [...this.arguments].some(({ flags }) => isReturned(flags));
    if (!isVoid || hasOuts || this.exceptions.count > 0) {
      const text = `${this.operation}: a oneway call brings back no result, no out argument and no exception`;
      throw new BAD_PARAM(text, MINOR.onewayWithResult);
    }
    const call = this.#call(true, options);
    this.#state = { at: "synchronous" };
    await call;
  }

  /**
   * Sends; the outcome is for poll_response and get_response.
   * @throws BAD_INV_ORDER 10 when sent before
   */
  send_deferred(options?: InvokeOptions): void {
    if (this.#state.at !== "new") throw this.#sentBefore(MINOR.requestAlreadySent);
    const settled = this.#call(false, options).then(
      (results) => {
        this.#keep(results);
        this.#state = { at: "answered", error: undefined };
      },
      (error: unknown) => {
        this.#state = { at: "answered", error };
      },
    );
    this.#state = { at: "waiting", settled };
  }

  /** Whether get_response would not have to wait. @throws BAD_INV_ORDER 11, 12, 13 as get_response */
  poll_response(): boolean {
    return this.#deferred().at === "answered";
  }

  /**
   * Waits for the outcome of send_deferred.
   * @throws what invoke throws; BAD_INV_ORDER 11 when not sent, 12 when the outcome was taken before, 13 when sent otherwise
   */
  async get_response(): Promise<void> {
    await this._settled();
    const error = this._take();
    if (error !== undefined) throw error;
  }

  /** Internal: settled when the reply of a deferred request is there; does not fail with it. @throws BAD_INV_ORDER */
  async _settled(): Promise<void> {
    const state = this.#deferred();
    if (state.at === "waiting") await state.settled;
  }

  /** Internal: gives away the outcome; what is wrong, if anything. @throws BAD_INV_ORDER */
  _take(): unknown {
    const state = this.#deferred();
    if (state.at === "waiting") throw outOfOrder("no reply yet", MINOR.resultBeforeSend);
    this.#state = { at: "taken", error: state.error };
    return state.error;
  }

  /** Internal: whether the outcome is still to be taken. */
  get _isOutstanding(): boolean {
    return this.#state.at === "waiting" || this.#state.at === "answered";
  }

  #call(isOneway: boolean, options: InvokeOptions | undefined): Promise<Results> {
    const operation = new DynamicClientOperation(this.#signature(isOneway));
    return invoke(this.target, operation, [], options);
  }

  // A copy: the request may be written again, and the caller's list is theirs meanwhile.
  #signature(isOneway: boolean): Signature {
    const contexts = [...this.contexts];
    if (contexts.length > 0 && this.ctx === null) {
      const text = `${this.operation} takes context properties (${contexts.join(", ")}), and ctx is null`;
      throw new BAD_CONTEXT(text, MINOR.contextMissing, Completion.no);
    }
    return {
      name: this.operation,
      isOneway,
      parameters: Array.from(this.arguments, ({ name, value: { type, value }, flags }) => ({
        name,
        type,
        value,
        flags,
      })),
      result: this.result.value.type,
      exceptions: [...this.exceptions],
      contexts,
      context: this.ctx?._properties ?? {},
    };
  }

  #keep({ result, outs }: Results): void {
    this.result.value = new Any(this.result.value.type, result);
    let next = 0;
    for (const argument of this.arguments) {
      if (!isReturned(argument.flags)) continue;
      argument.value = new Any(argument.value.type, outs[next++]);
    }
  }

  #deferred(): Extract<RequestState, { readonly at: "waiting" | "answered" }> {
    const state = this.#state;
    switch (state.at) {
      case "new":
        throw outOfOrder(`${this.operation} was not sent yet`, MINOR.resultBeforeSend);
      case "synchronous":
        throw outOfOrder(
          `${this.operation} was not sent by send_deferred`,
          MINOR.pollOfSynchronousRequest,
        );
      case "taken":
        throw outOfOrder(
          `the reply of ${this.operation} was taken before`,
          MINOR.resultAlreadyTaken,
        );
      case "waiting":
      case "answered":
        return state;
    }
  }

  #checkNew(): void {
    if (this.#state.at !== "new") throw this.#sentBefore(MINOR.requestAlreadySent);
  }

  #sentBefore(minor: number): BAD_INV_ORDER {
    return outOfOrder(`${this.operation} was sent already: a request is good for one call`, minor);
  }
}

function outOfOrder(text: string, minor: number): BAD_INV_ORDER {
  return new BAD_INV_ORDER(text, minor, Completion.no);
}

/** @throws NO_IMPLEMENT 4, BAD_PARAM 32, INV_OBJREF for nil */
export function checkTarget(target: ObjectReference | null, operation: string): void {
  if (target === null || target === undefined) {
    throw new INV_OBJREF(`${operation}: nil cannot be called`, MINOR.none);
  }
  if (!(target instanceof ObjectReference)) {
    const text = `${operation}: a local object cannot be called dynamically, call its method`;
    throw new NO_IMPLEMENT(text, MINOR.dynamicCallOfLocalObject);
  }
  if (FORBIDDEN.has(operation)) {
    const text = `${operation} is called by the reference's own method, not by a request`;
    throw new BAD_PARAM(text, MINOR.implicitOperationByDii);
  }
}

/**
 * A request to be filled: `Object::_request` of the language mappings.
 * @param operation as on the wire: `_get_x` and `_set_x` for an attribute
 * @throws NO_IMPLEMENT 4 for a local object, BAD_PARAM 32 for an implicit operation, INV_OBJREF for nil
 */
export function _request(target: ObjectReference | null, operation: string): Request {
  checkTarget(target, operation);
  return new Request(target as ObjectReference, operation, {});
}

/**
 * A request from lists made before: `Object::create_request` (CORBA 3.3 Part 1, 11.2.1).
 * @param result its type; its value is set by the call
 * @throws as `_request`
 */
export function _create_request(
  target: ObjectReference | null,
  ctx: Context | null,
  operation: string,
  list: NVList | null,
  result: NamedValue | null,
  exceptions: ExceptionList | null = null,
  contexts: ContextList | null = null,
): Request {
  checkTarget(target, operation);
  const parts = { arguments: list, result, exceptions, contexts, ctx };
  return new Request(target as ObjectReference, operation, parts);
}
