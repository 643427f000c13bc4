import { type Clock, isClientTraced, type Logger, traceCall } from "../base/index.ts";
import { UserException } from "../exception/index.ts";
import { overrideOf } from "../policy/index.ts";
import type { CallChoice, ClientFlow, ClientHook, EndpointChoice } from "../hook/index.ts";
import {
  type CallTerms,
  type ClientPolicies,
  policyOfCall,
  syncScopeNumber,
  termsOf,
} from "../messaging/index.ts";
import {
  type AnyOperation,
  Call,
  type CallEnvironment,
  Course,
  GroupCall,
  type InvokeOptions,
  type Invoker,
  leavesAtOnce,
  LOCATE,
  type PolledCall,
  type ReferenceCore,
  targetsOf,
} from "../call/index.ts";
import { ObjectReference } from "./reference.ts";

const NO_OPTIONS: InvokeOptions = {};

/** What the hook does in a call; a LocateRequest is none. */
function hookedCall(
  hook: ClientHook,
  core: ReferenceCore,
  operation: AnyOperation,
  args: readonly unknown[],
  terms: CallTerms,
  options: InvokeOptions | undefined,
  polled: PolledCall | undefined,
): ClientFlow | undefined {
  if (operation === LOCATE) return undefined;
  const flow = hook.begin({
    operation: operation.name,
    types: operation.types,
    args,
    isOneway: operation.oneway === true,
    isPolled: polled !== undefined,
    syncScope: syncScopeNumber(terms.syncScope),
    target: () => new ObjectReference(core),
    policy: (type) => policyOfCall(core.invoker.policies, core, options, type),
  });
  if (polled !== undefined) polled.flow = flow;
  return flow;
}

/** Who decides where the call goes; a LocateRequest goes where calls do. */
function choiceOf(
  endpoints: EndpointChoice,
  core: ReferenceCore,
  operation: AnyOperation,
  options: InvokeOptions | undefined,
): CallChoice | undefined {
  return endpoints.begin({
    operation: operation.name,
    isOneway: operation.oneway === true,
    ior: core.ior,
    get currentIor() {
      return core.currentIor;
    },
    reference: core,
    policy: (type) => policyOfCall(core.invoker.policies, core, options, type),
    override: (type) => overrideOf(core.invoker.policies, core.overrides, type),
    addressesOf: targetsOf,
  });
}

function withContexts(terms: CallTerms, more: CallChoice["contexts"] = []): CallTerms {
  return more.length === 0 ? terms : { ...terms, contexts: [...terms.contexts, ...more] };
}

// A reference that cannot be read fails where it is called.
function isGroup(core: ReferenceCore): boolean {
  try {
    return core.group !== undefined;
  } catch {
    return false;
  }
}

/** Where an answer goes. */
interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Makes calls. */
export class Invocations implements Invoker {
  readonly #environment: CallEnvironment;

  constructor(environment: CallEnvironment) {
    this.#environment = environment;
  }

  get owner(): object {
    return this.#environment.owner;
  }

  get log(): Logger {
    return this.#environment.log;
  }

  get clock(): Clock {
    return this.#environment.clock;
  }

  get policies(): ClientPolicies {
    return this.#environment.policies;
  }

  invoke(
    core: ReferenceCore,
    operation: AnyOperation,
    args: readonly unknown[],
    options: InvokeOptions | undefined,
    polled?: PolledCall,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const environment = this.#environment;
      environment.checkRunning();
      const { client: hook, endpoints } = environment.hooks;
      const ownTerms = termsOf(environment, core, options, operation !== LOCATE);
      if (isClientTraced()) {
        const { context: origin } = environment;
        const { name, oneway: isOneway = false } = operation;
        const call = { origin, operation: name, typeId: core.ior.typeId, isOneway };
        ({ resolve, reject } = traceCall(call, { resolve, reject }));
      }
      const choice =
        endpoints === undefined ? undefined : choiceOf(endpoints, core, operation, options);
      const terms = withContexts(ownTerms, choice?.contexts);
      if (operation !== LOCATE && isGroup(core)) {
        this.#callGroup(core, choice, operation, args, options, terms, { resolve, reject }, polled);
        return;
      }
      const flow =
        hook === undefined
          ? undefined
          : hookedCall(hook, core, operation, args, terms, options, polled);
      const { signal } = options ?? NO_OPTIONS;
      if (terms === environment.defaultTerms) {
        const isPlain = choice === undefined && flow === undefined && signal === undefined;
        const isOneway = operation.oneway === true && isPlain;
        if (isOneway && leavesAtOnce(environment, core, operation, args)) {
          resolve(undefined);
          return;
        }
        const course = new Course(core, choice);
        new Call(
          environment,
          course,
          operation,
          args,
          signal,
          terms,
          flow,
          resolve,
          reject,
        ).start();
        return;
      }
      const to = this.#settle(terms, operation, { resolve, reject });
      new Call(
        environment,
        new Course(core, choice),
        operation,
        args,
        signal,
        terms,
        flow,
        to.resolve,
        to.reject,
      ).start();
    });
  }

  #callGroup(
    core: ReferenceCore,
    choice: CallChoice | undefined,
    operation: AnyOperation,
    args: readonly unknown[],
    options: InvokeOptions | undefined,
    terms: CallTerms,
    caller: Settle,
    polled: PolledCall | undefined,
  ): void {
    const environment = this.#environment;
    const call = new GroupCall(environment, core, terms);
    const to = this.#settle(terms, operation, caller);
    const attempt = (): void => {
      const hook = environment.hooks.client;
      const flow =
        hook === undefined
          ? undefined
          : hookedCall(hook, core, operation, args, terms, options, polled);
      const course = call.course(choice);
      const failed = (error: unknown): void => {
        const isGivenUp = options?.signal?.aborted === true;
        const pauseMs = isGivenUp ? undefined : call.retryAfterMs(error);
        if (pauseMs === undefined) {
          call.ended(true);
          to.reject(call.error(error, course.isAnswered));
        } else if (pauseMs === 0) queueMicrotask(attempt);
        else environment.clock.timer(pauseMs, attempt);
      };
      const done = (value: unknown): void => {
        // With SYNC_NONE the caller is told before the request has left.
        if (one.isSettled) call.ended(one.isReplyExpected);
        to.resolve(value);
      };
      const one = new Call(
        environment,
        course,
        operation,
        args,
        options?.signal,
        call.terms(),
        flow,
        done,
        failed,
      );
      one.start();
    };
    try {
      attempt();
    } catch (error) {
      call.ended(true);
      throw error;
    }
  }

  #settle({ replyAfterMs, syncScope }: CallTerms, operation: AnyOperation, caller: Settle): Settle {
    if (operation.oneway === true) {
      return syncScope === "SYNC_NONE" ? this.#unheard(operation, caller) : caller;
    }
    return replyAfterMs > 0 ? this.#later(replyAfterMs, caller) : caller;
  }

  // Once the caller was told that it may go on, nobody else hears of a failure.
  #unheard({ name }: AnyOperation, caller: Settle): Settle {
    const { log } = this.#environment;
    let isTold = false;
    return {
      resolve: (value) => {
        isTold = true;
        caller.resolve(value);
      },
      reject: (error) => {
        if (isTold) log.debug("a oneway call with SYNC_NONE was lost", { operation: name, error });
        caller.reject(error);
      },
    };
  }

  /** Keeps an answer until it may be given (ReplyStartTime); what the ORB itself raises is told at once. */
  #later(replyAfterMs: number, caller: Settle): Settle {
    const { clock } = this.#environment;
    const atMs = clock.nowMs() + replyAfterMs;
    const keep = (give: () => void): void =>
      void clock.timer(Math.max(0, atMs - clock.nowMs()), give);
    return {
      resolve: (value) => keep(() => caller.resolve(value)),
      reject: (reason) => {
        if (reason instanceof UserException) keep(() => caller.reject(reason));
        else caller.reject(reason);
      },
    };
  }
}
