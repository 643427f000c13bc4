import { type IOP, PortableInterceptor } from "../../idl/index.ts";
import type {
  HookedRequest,
  HookedUpcall,
  ServerEnd,
  ServerFlow,
  ServerHook,
} from "../../orb/hook/index.ts";
import {
  Completion,
  type CompletionStatus,
  NeedsAddressingMode,
  type ServiceContext,
} from "../../orb/index.ts";
import { ForwardForGood, systemExceptionOf } from "./exceptions.ts";
import type { ServerRequestInterceptor } from "./interceptor.ts";
import { forwardOf, type Kit, runPoint, type Thrown } from "./kit.ts";
import type { Added } from "./processing-mode.ts";
import { ServerRequestInfo } from "./server-info.ts";
import { SERVER_POINTS, type ServerPoint } from "./validity.ts";

/** Points that may raise ForwardRequest: all but `send_reply`. */
const MAY_FORWARD: ReadonlySet<ServerPoint> = new Set([
  "receive_request_service_contexts",
  "receive_request",
  "send_exception",
  "send_other",
]);

/** Points that may raise NeedsAddressingMode: nothing was executed. */
const MAY_READDRESS: ReadonlySet<ServerPoint> = new Set([
  "receive_request_service_contexts",
  "receive_request",
]);

/** Runs the server request interceptors of an ORB. */
export class ServerInterception implements ServerHook {
  readonly #kit: Kit;
  readonly #interceptors: Added<ServerRequestInterceptor>;

  constructor(kit: Kit, interceptors: Added<ServerRequestInterceptor>) {
    this.#kit = kit;
    this.#interceptors = interceptors;
  }

  // Slots are a request's own even where nobody looks at it.
  passes(connectionId: string): boolean {
    if (this.#kit.current._isUsed) return false;
    for (const interceptor of this.#interceptors.all)
      if (interceptor.passes?.(connectionId) !== true) return false;
    return true;
  }

  tells(connectionId: string): (() => readonly ServiceContext[]) | undefined {
    let all: (() => IOP.ServiceContext | undefined)[] | undefined;
    for (const interceptor of this.#interceptors.all) {
      const tells = interceptor.tells?.(connectionId);
      if (tells !== undefined) (all ??= []).push(tells);
    }
    return all === undefined ? undefined : () => told(all);
  }

  begin(request: HookedRequest): ServerFlow {
    const { local, remote } = this.#interceptors;
    return new ServerPass(this.#kit, request.isLocal ? local : remote, request);
  }
}

function told(all: readonly (() => IOP.ServiceContext | undefined)[]): readonly ServiceContext[] {
  const contexts: ServiceContext[] = [];
  for (const tells of all) {
    const context = tells();
    if (context !== undefined)
      contexts.push({ id: context.context_id, data: context.context_data });
  }
  return contexts;
}

/** The interceptors' part in one request: a stack of those whose starting point has run (CORBA 3.3 Part 1, 16.3.2). */
class ServerPass implements ServerFlow {
  readonly #kit: Kit;
  readonly #interceptors: readonly ServerRequestInterceptor[];
  readonly #info: ServerRequestInfo;
  /** How many, counted from the first, are on the stack. */
  #depth = 0;

  constructor(kit: Kit, interceptors: readonly ServerRequestInterceptor[], request: HookedRequest) {
    this.#kit = kit;
    this.#interceptors = interceptors;
    this.#info = new ServerRequestInfo(kit, request);
  }

  get contexts(): ServerFlow["contexts"] {
    return this.#info._contexts;
  }

  arrived(): ServerEnd | undefined {
    for (const interceptor of this.#interceptors) {
      const point = "receive_request_service_contexts";
      const failed = this.#run(interceptor, point);
      if (failed !== undefined) return this.end(this.#endOf(failed, point, Completion.no));
      this.#depth++;
    }
    return undefined;
  }

  calling(upcall: HookedUpcall): ServerEnd | undefined {
    this.#info._calls(upcall);
    for (const interceptor of this.#interceptors) {
      const failed = this.#run(interceptor, "receive_request");
      if (failed === undefined) continue;
      return this.end(this.#endOf(failed, "receive_request", Completion.no));
    }
    return undefined;
  }

  run<T>(call: () => T): T {
    return this.#kit.current._run(this.#info._slots, call);
  }

  end(first: ServerEnd): ServerEnd {
    let end = first;
    while (this.#depth > 0) {
      const interceptor = this.#interceptors[--this.#depth] as ServerRequestInterceptor;
      const point = pointOf(end);
      this.#info._ends(end);
      const failed = this.#run(interceptor, point);
      if (failed !== undefined) end = this.#endOf(failed, point, completionOf(end));
    }
    return end;
  }

  #run(interceptor: ServerRequestInterceptor, point: ServerPoint): Thrown | undefined {
    this.#info._at = SERVER_POINTS.indexOf(point);
    const failed = runPoint(this.#kit, interceptor, point, this.#info);
    this.#info._at = -1;
    return failed;
  }

  #endOf({ thrown }: Thrown, point: ServerPoint, completed: CompletionStatus): ServerEnd {
    if (thrown instanceof NeedsAddressingMode && MAY_READDRESS.has(point)) {
      return { kind: "readdress", by: thrown.by };
    }
    let problem = thrown;
    if (thrown instanceof PortableInterceptor.ForwardRequest && MAY_FORWARD.has(point)) {
      try {
        const permanent = thrown instanceof ForwardForGood;
        return { kind: "forward", to: forwardOf(this.#kit, thrown), permanent };
      } catch (error) {
        problem = error;
      }
    }
    return { kind: "systemException", exception: systemExceptionOf(problem, completed) };
  }
}

function pointOf(end: ServerEnd): ServerPoint {
  switch (end.kind) {
    case "result":
      return "send_reply";
    case "systemException":
    case "userException":
      return "send_exception";
    case "forward":
    case "readdress":
    case "none":
      return "send_other";
  }
}

/** What holds of the servant when an ending point raises an exception of its own. */
function completionOf(end: ServerEnd): CompletionStatus {
  switch (end.kind) {
    case "result":
    case "userException":
      return Completion.yes;
    case "systemException":
      return end.exception.completed;
    case "forward":
    case "readdress":
    case "none":
      return Completion.no;
  }
}
