import { type Any, TypeCodeFactory } from "../any/index.ts";
import type { InvokeOptions } from "../call/index.ts";
import {
  Context,
  ContextList,
  DeferredRequests,
  ExceptionList,
  type Flags,
  NamedValue,
  NVList,
  operationList,
  type Request,
} from "../dynamic/index.ts";
import type { ObjectReference } from "../object/index.ts";

/** What an ORB makes for calls without stubs, and how it sends several (CORBA 3.3 Part 1, 11). */
export abstract class DynamicFactory extends TypeCodeFactory {
  readonly #deferred = new DeferredRequests();
  readonly #defaultContext = new Context();

  /** Internal: throws when nothing can be asked of the ORB any more. */
  abstract _checkRunning(): void;

  /** An empty list of arguments; `count` is a hint that is not needed. */
  create_list(_count: number = 0): NVList {
    this._checkRunning();
    return new NVList();
  }

  /** The arguments of an operation by its OperationDef, without values. @throws what the interface repository raises */
  create_operation_list(operation: ObjectReference, options?: InvokeOptions): Promise<NVList> {
    this._checkRunning();
    return operationList(operation, options);
  }

  create_named_value(name: string, value: Any, flags: Flags): NamedValue {
    this._checkRunning();
    return new NamedValue(name, value, flags);
  }

  create_exception_list(): ExceptionList {
    this._checkRunning();
    return new ExceptionList();
  }

  create_context_list(): ContextList {
    this._checkRunning();
    return new ContextList();
  }

  /** The context that is the parent of all others the program makes; empty at first. */
  get_default_context(): Context {
    this._checkRunning();
    return this.#defaultContext;
  }

  /** Sends each by `send_oneway`. @throws what the first that cannot be sent throws */
  async send_multiple_requests_oneway(
    requests: readonly Request[],
    options?: InvokeOptions,
  ): Promise<void> {
    this._checkRunning();
    await Promise.all(requests.map((request) => request.send_oneway(options)));
  }

  /**
   * Sends each by `send_deferred`; get_next_response gives them back in the order of their replies.
   * @throws NO_RESOURCES when 10,000 were never asked for
   */
  send_multiple_requests_deferred(requests: readonly Request[], options?: InvokeOptions): void {
    this._checkRunning();
    this.#deferred.send(requests, options);
  }

  /** Whether get_next_response would not have to wait. @throws BAD_INV_ORDER 11 when no reply is to come */
  poll_next_response(): boolean {
    this._checkRunning();
    return this.#deferred.poll();
  }

  /**
   * The next request of send_multiple_requests_deferred whose reply is there: its results are in it, or its `exception`.
   * @throws BAD_INV_ORDER 11 when no reply is to come
   */
  get_next_response(): Promise<Request> {
    this._checkRunning();
    return this.#deferred.next();
  }
}
