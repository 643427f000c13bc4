import { CdrInput } from "../cdr/index.ts";
import {
  Completion,
  completionFromOrdinal,
  type SystemException,
  systemExceptionById,
  type UserException,
} from "../exception/index.ts";
import { ADDRESSING, type ReplyStatus, type ServiceContext, type Target } from "../giop/index.ts";
import type {
  HookedAdapter,
  HookedUpcall,
  ServerEnd,
  ServerFlow,
  ServerHook,
} from "../hook/index.ts";
import { ENTRANCE, type ServerRequest } from "../iiop/index.ts";
import type { Ior } from "../ior/index.ts";
import { PassedOnRequest, type Write } from "./passed-on-request.ts";

/** Messaging::SyncScope as a request tells it: 1 to the transport, 2 to the server, 3 to the target. */
const SYNC_SCOPE = { none: 1, early: 2, full: 3 } as const;

/** A request as a hook lets it through, itself where the hook has no business with it; undefined when it answered it. */
export function watched(
  hook: ServerHook,
  request: ServerRequest,
  adapter: HookedAdapter,
  objectId: Uint8Array,
): ServerRequest | undefined {
  if (hook.passes?.(request.connectionId) === true) {
    const told = request.answer === "none" ? undefined : hook.tells?.(request.connectionId);
    if (told !== undefined) request.adds(told);
    return request;
  }
  const flow = hook.begin({
    operation: request.operation,
    requestId: request.requestId,
    connectionId: request.connectionId,
    get client() {
      return request.client;
    },
    giopMinor: request.giopMinor,
    contexts: request.contexts,
    isReplyExpected: request.answer === "full",
    isLocal: request.entrance === ENTRANCE.inside,
    syncScope: SYNC_SCOPE[request.answer],
    adapter,
    objectId,
    target: request.target,
    objectKey: request.objectKey,
  });
  const seen = new WatchedRequest(request, flow);
  return seen.arrived() ? seen : undefined;
}

/** A request that somebody looks at: its answers pass by them before they leave. */
export class WatchedRequest extends PassedOnRequest {
  /** What looks at it; shared with the request that a dispatch gate made of it. */
  readonly flow: ServerFlow;
  #isAcknowledged = false;

  constructor(request: ServerRequest, flow: ServerFlow) {
    super(request);
    this.flow = flow;
  }

  /** The POA is found; false when the request was answered for it. */
  arrived(): boolean {
    return this.#goesOn(this.flow.arrived());
  }

  /** The servant is about to be called; false when the request was answered for it. */
  calling(upcall: HookedUpcall): boolean {
    return this.#goesOn(this.flow.calling(upcall));
  }

  /** A oneway call whose caller waits for no more than its arrival. */
  acknowledge(): void {
    this.#isAcknowledged = true;
    super.result(nothing, this.flow.contexts);
  }

  /** The servant returned. @throws what `write` throws */
  returned(value: unknown, write: Write): void {
    const isOver = this.answer === "none" || this.#isAcknowledged;
    const end: ServerEnd = isOver ? { kind: "none" } : { kind: "result", results: { value } };
    this.#send(this.flow.end(end), write);
  }

  /** The servant threw what its operation lists. @throws what `write` throws */
  threw(exception: UserException, write: Write): void {
    const end: ServerEnd = { kind: "userException", id: exception.repositoryId, exception };
    this.#send(this.flow.end(end), write);
  }

  override result(write: Write): void {
    this.#send(this.flow.end({ kind: "result" }), write);
  }

  override userException(id: string, write: Write): void {
    this.#send(this.flow.end({ kind: "userException", id, exception: undefined }), write);
  }

  override systemException(exception: SystemException): void {
    this.#send(this.flow.end({ kind: "systemException", exception }), nothing);
  }

  override forward(to: Ior, permanent: boolean, contexts: readonly ServiceContext[] = []): void {
    this.#send(this.flow.end({ kind: "forward", to, permanent }), nothing, contexts);
  }

  override readdress(by: Target["by"], contexts: readonly ServiceContext[] = []): void {
    this.#send(this.flow.end({ kind: "readdress", by }), nothing, contexts);
  }

  override raw(status: ReplyStatus, body: Uint8Array, contexts: readonly ServiceContext[]): void {
    const told = endOf(status, body);
    const end = this.flow.end(told);
    if (end === told) super.raw(status, body, joined(contexts, this.flow.contexts));
    else this.#send(end, nothing, contexts);
  }

  #goesOn(end: ServerEnd | undefined): boolean {
    if (end === undefined) return true;
    this.#send(end, nothing);
    return false;
  }

  #send(end: ServerEnd, write: Write, given: readonly ServiceContext[] = []): void {
    const contexts = joined(given, this.flow.contexts);
    switch (end.kind) {
      case "result":
        super.result(write, contexts);
        return;
      case "none":
        super.result(nothing, contexts);
        return;
      case "systemException":
        super.systemException(end.exception, contexts);
        return;
      case "userException":
        super.userException(end.id, write, contexts);
        return;
      case "forward":
        super.forward(end.to, end.permanent, contexts);
        return;
      case "readdress":
        super.readdress(end.by, contexts);
        return;
    }
  }
}

function nothing(): void {
  return undefined;
}

/** One context of an id: an outcome of a gate has those of the flow already. */
function joined(
  given: readonly ServiceContext[],
  added: readonly ServiceContext[],
): readonly ServiceContext[] {
  if (given.length === 0) return added;
  return [...given, ...added.filter(({ id }) => !given.some((context) => context.id === id))];
}

/** What a body says that was written elsewhere. */
function endOf(status: ReplyStatus, body: Uint8Array): ServerEnd {
  const input = new CdrInput(body);
  if (status === "NEEDS_ADDRESSING_MODE") {
    return { kind: "readdress", by: ADDRESSING[input.ushort()] ?? "key" };
  }
  if (status !== "USER_EXCEPTION" && status !== "SYSTEM_EXCEPTION") return { kind: "result" };
  const id = input.string();
  if (status === "USER_EXCEPTION") return { kind: "userException", id, exception: undefined };
  const minor = input.ulong();
  const completed = completionFromOrdinal(input.ulong()) ?? Completion.maybe;
  const text = "the dispatch gate answered with it";
  return {
    kind: "systemException",
    exception: systemExceptionById(id, text, minor, completed),
  };
}
