import { PortableInterceptor } from "../../idl/index.ts";
import type {
  CallPlace,
  ClientEnd,
  ClientFlow,
  ClientHook,
  HookedCall,
} from "../../orb/hook/index.ts";
import { Completion, type CompletionStatus, SystemException } from "../../orb/index.ts";
import { ClientRequestInfo } from "./client-info.ts";
import { systemExceptionOf, withCompletion } from "./exceptions.ts";
import type { ClientRequestInterceptor } from "./interceptor.ts";
import type { ByPlace } from "./processing-mode.ts";
import { forwardOf, type Kit, runPoint, type Thrown } from "./kit.ts";
import { CLIENT_POINTS, type ClientPoint } from "./validity.ts";

const NO = Completion.no;

/** Points that may raise ForwardRequest. */
const MAY_FORWARD: ReadonlySet<ClientPoint> = new Set([
  "send_request",
  "receive_exception",
  "receive_other",
]);

/** Runs the client request interceptors of an ORB. */
export class ClientInterception implements ClientHook {
  readonly #kit: Kit;
  readonly #interceptors: ByPlace<ClientRequestInterceptor>;
  #lastId = 0;

  constructor(kit: Kit, interceptors: ByPlace<ClientRequestInterceptor>) {
    this.#kit = kit;
    this.#interceptors = interceptors;
  }

  begin(call: HookedCall): ClientFlow {
    const { current } = this.#kit;
    const slots = current._isUsed ? current._copy() : undefined;
    this.#lastId = (this.#lastId + 1) >>> 0;
    const info = new ClientRequestInfo(this.#kit, call, this.#lastId, slots);
    return new ClientPass(this.#kit, this.#interceptors, info, call);
  }
}

/** The interceptors' part in one call: a stack of those whose starting point has run (CORBA 3.3 Part 1, 16.3.2). */
class ClientPass implements ClientFlow {
  readonly #kit: Kit;
  readonly #byPlace: ByPlace<ClientRequestInterceptor>;
  readonly #info: ClientRequestInfo;
  readonly #call: HookedCall;
  /** The request of a polled call leaves, which ends what was begun with it. */
  #isLeaving = false;
  /** What an interceptor made of that. */
  #afterSend: ClientEnd | undefined;
  #interceptors: readonly ClientRequestInterceptor[] = [];
  /** How many, counted from the first, are on the stack. */
  #depth = 0;
  /** An interceptor had the call made again when nobody knew whether the request had been executed. */
  #isUnsure = false;
  /** The same for the question that is being answered. */
  #pollDepth = 0;

  constructor(
    kit: Kit,
    byPlace: ByPlace<ClientRequestInterceptor>,
    info: ClientRequestInfo,
    call: HookedCall,
  ) {
    this.#kit = kit;
    this.#byPlace = byPlace;
    this.#info = info;
    this.#call = call;
  }

  get contexts(): ClientFlow["contexts"] {
    return this.#info._contexts;
  }

  start(place: CallPlace, isLocal: boolean): ClientEnd | undefined {
    this.#info._begin(place);
    this.#interceptors = isLocal ? this.#byPlace.local : this.#byPlace.remote;
    for (const interceptor of this.#interceptors) {
      const failed = this.#run(interceptor, "send_request");
      if (failed !== undefined) return this.end(this.#endOf(failed, "send_request", NO));
      this.#depth++;
    }
    return undefined;
  }

  /** An asynchronous send ends in receive_other, and what is asked for later begins with send_poll (16.3.2). */
  sent(): void {
    if (!this.#call.isPolled) return;
    this.#isLeaving = true;
    const end = this.end({ kind: "result", value: undefined });
    this.#isLeaving = false;
    this.#afterSend = end.kind === "exception" ? end : undefined;
  }

  // The request may still be on its way: its own stack is another.
  poll(): ClientEnd | undefined {
    for (const interceptor of this.#interceptors) {
      const failed = this.#run(interceptor, "send_poll");
      if (failed !== undefined) return this.answered(this.#endOf(failed, "send_poll", NO));
      this.#pollDepth++;
    }
    return undefined;
  }

  answered(end: ClientEnd): ClientEnd {
    const depth = this.#pollDepth;
    this.#pollDepth = 0;
    return this.#unwind(end, depth);
  }

  replied(contexts: ClientFlow["contexts"]): void {
    const isKept = this.#call.isPolled;
    this.#info._reply(
      isKept ? contexts.map(({ id, data }) => ({ id, data: data.slice() })) : contexts,
    );
  }

  end(end: ClientEnd): ClientEnd {
    const depth = this.#depth;
    this.#depth = 0;
    return this.#unwind(this.#afterSend ?? end, depth);
  }

  /** Runs the ending points of those on a stack, the last first. */
  #unwind(first: ClientEnd, depth: number): ClientEnd {
    let end = this.#truthful(first);
    for (let left = depth; left > 0; left--) {
      const interceptor = this.#interceptors[left - 1] as ClientRequestInterceptor;
      const point = this.#pointOf(end);
      this.#info._ends(end);
      const failed = this.#run(interceptor, point);
      if (failed === undefined) continue;
      const completed = completionOf(end, point);
      end = this.#truthful(this.#endOf(failed, point, completed));
      if (end.kind === "forward" && completed === Completion.maybe) this.#isUnsure = true;
    }
    return end;
  }

  /** That the last attempt was not executed says nothing of those before it. */
  #truthful(end: ClientEnd): ClientEnd {
    if (!this.#isUnsure || end.kind !== "exception") return end;
    const { error } = end;
    if (!(error instanceof SystemException) || error.completed !== NO) return end;
    return { ...end, error: withCompletion(error, Completion.maybe) };
  }

  #run(interceptor: ClientRequestInterceptor, point: ClientPoint): Thrown | undefined {
    this.#info._at = CLIENT_POINTS.indexOf(point);
    const failed = runPoint(this.#kit, interceptor, point, this.#info);
    this.#info._at = -1;
    return failed;
  }

  #pointOf(end: ClientEnd): ClientPoint {
    if (end.kind === "exception") return "receive_exception";
    const isAnswered = end.kind === "result" && !this.#call.isOneway && !this.#isLeaving;
    return isAnswered ? "receive_reply" : "receive_other";
  }

  #endOf({ thrown }: Thrown, point: ClientPoint, completed: CompletionStatus): ClientEnd {
    if (thrown instanceof PortableInterceptor.ForwardRequest && MAY_FORWARD.has(point)) {
      try {
        return { kind: "forward", to: forwardOf(this.#kit, thrown), permanent: false };
      } catch (error) {
        return { kind: "exception", error: systemExceptionOf(error, completed) };
      }
    }
    return { kind: "exception", error: systemExceptionOf(thrown, completed) };
  }
}

/** What holds of the target when an ending point raises an exception of its own. */
function completionOf(end: ClientEnd, point: ClientPoint): CompletionStatus {
  if (point === "receive_other") return Completion.no;
  switch (end.kind) {
    case "result":
      return Completion.yes;
    case "exception":
      if (end.error instanceof SystemException) return end.error.completed;
      return end.userId === undefined ? Completion.no : Completion.yes;
    case "forward":
    case "retry":
      return Completion.no;
  }
}
