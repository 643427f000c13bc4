import { atTurnEnd, type Expiring, type Rank, type Timer } from "../base/index.ts";
import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import {
  Completion,
  type CompletionStatus,
  OBJECT_NOT_EXIST,
  type SystemException,
  toSystemException,
} from "../exception/index.ts";
import {
  ADDRESSING,
  type GiopCodec,
  type GiopMessage,
  type LocateReplyHeader,
  type ReplyHeader,
  type ReplyStatus,
  RESPONSE,
  type ServiceContext,
} from "../giop/index.ts";
import type { ClientEnd, ClientFlow } from "../hook/index.ts";
import {
  type Breakage,
  type ClientConnection,
  ENTRANCE,
  lostCall,
  type OutgoingCall,
} from "../iiop/index.ts";
import type { ConnectWaiter } from "../outgoing/index.ts";
import { type Ior, readIor } from "../ior/index.ts";
import { type CallTerms, onewayFlags } from "../messaging/index.ts";
import type { CallEnvironment } from "./call-environment.ts";
import {
  addressOf,
  LOCATED,
  readSystemException,
  readUserException,
  unknownObject,
  writeLocateRequest,
  writeRequest,
} from "./call-message.ts";
import {
  type CallStep,
  cancelledCall,
  circling,
  closedAgain,
  expiredCall,
  forwardedToNil,
  isPassing,
  rebindForbidden,
  unreachable,
  unsent,
  withoutAddress,
} from "./call-failures.ts";
import { LocalCall } from "./collocated.ts";
import { Course, MAX_FORWARDS } from "./course.ts";
import { LOCATE } from "./implicit.ts";
import type { AnyOperation } from "./operation.ts";
import type { Binding, ReferenceCore } from "./reference-core.ts";
import type { Target } from "./target.ts";

/** What a reference to an object of this process is bound to. */
const HERE: Binding = { isOpen: true };

/**
 * One call from the stub to its result. It goes through the reference's addresses until one takes the
 * request; after that it is sent again only where the server said that it was not executed.
 */
export class Call implements OutgoingCall, ConnectWaiter, Expiring {
  readonly #env: CallEnvironment;
  readonly #core: ReferenceCore;
  readonly #operation: AnyOperation;
  readonly #args: readonly unknown[];
  readonly #signal: AbortSignal | undefined;
  readonly #terms: CallTerms;
  /** Those who look at the call; mostly nobody. */
  readonly #flow: ClientFlow | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #startedMs: number;
  #timer: Pick<Timer, "cancel"> | undefined;
  #requestTimer: Timer | undefined;
  /** An earlier call found the place that this one must not leave. */
  #isBound = false;
  #target: Target | undefined;
  #connection: ClientConnection | undefined;
  #requestId = 0;
  #stopConnecting: (() => void) | undefined;
  #local: LocalCall | undefined;
  readonly #course: Course;
  #responseFlags: number = RESPONSE.target;
  #step: CallStep = "connecting";

  constructor(
    env: CallEnvironment,
    course: Course,
    operation: AnyOperation,
    args: readonly unknown[],
    signal: AbortSignal | undefined,
    terms: CallTerms,
    flow: ClientFlow | undefined,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#env = env;
    this.#core = course.core;
    this.#course = course;
    this.#operation = operation;
    this.#args = args;
    this.#signal = signal;
    this.#terms = terms;
    this.#flow = flow;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#startedMs = env.clock.nowMs();
  }

  get rank(): Rank | undefined {
    return this.#terms.rank;
  }

  get objectKey(): Uint8Array | undefined {
    return this.#target?.objectKey;
  }

  get carriesContexts(): boolean {
    return this.#operation !== LOCATE;
  }

  get isSettled(): boolean {
    return this.#step === "settled";
  }

  get isReplyExpected(): boolean {
    return this.#responseFlags !== RESPONSE.none;
  }

  start(): void {
    if (this.#signal?.aborted === true) {
      this.#fail(this.#cancelled(this.#signal.reason));
      return;
    }
    const { timeoutMs, limitName, requestTimeoutMs, startAfterMs, rebind, syncScope } = this.#terms;
    if (!(timeoutMs > 0) && limitName === "timeoutMs") {
      this.#fail(new RangeError(`timeoutMs must be above 0, not ${timeoutMs}`));
      return;
    }
    // Asking where the object is binds anew, whatever the policy (CORBA 3.3 Part 1, 8.3.10).
    if (this.#operation === LOCATE) this.#core.binding = undefined;
    this.#isBound = rebind !== "TRANSPARENT" && this.#core.binding !== undefined;
    if (timeoutMs <= 0 || requestTimeoutMs <= 0) this.expire();
    else if (startAfterMs > 0) this.#startLater(startAfterMs);
    else this.#tryNext();
    // Most often the request has left by now; a oneway is done.
    if (this.#step === "settled") return;
    if (timeoutMs !== Infinity) this.#timer = this.#newTimer(timeoutMs);
    if (requestTimeoutMs < timeoutMs) this.#limitRequest(requestTimeoutMs);
    if (this.#signal !== undefined) this.#env.cancellations.add(this.#signal, this);
    if (this.#operation.oneway === true && syncScope === "SYNC_NONE") this.#resolve(undefined);
  }

  #newTimer(timeoutMs: number): Pick<Timer, "cancel"> {
    const { clock, deadlineMs, deadlines } = this.#env;
    return timeoutMs === deadlineMs
      ? deadlines.add(this, this.#startedMs)
      : clock.timer(timeoutMs, () => this.expire());
  }

  #startLater(afterMs: number): void {
    const timer = this.#env.clock.timer(afterMs, () => this.#tryNext());
    this.#stopConnecting = () => timer.cancel();
  }

  #limitRequest(timeoutMs: number): void {
    this.#requestTimer = this.#env.clock.timer(timeoutMs, () => {
      if (this.#step === "connecting") this.expire();
    });
  }

  #tryNext(): void {
    const { requestTimeoutMs, rebind, syncScope } = this.#terms;
    if (requestTimeoutMs !== Infinity && this.#elapsedMs() >= requestTimeoutMs) {
      this.expire();
      return;
    }
    if (rebind === "NO_RECONNECT" && this.#isBound && this.#core.binding?.isOpen === false) {
      this.#forbidden("the connection it was bound to is closed");
      return;
    }
    let target: Target | undefined;
    try {
      target = this.#course.target();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (target === undefined) {
      this.#fail(withoutAddress(this.#core.ior.typeId, this.#operation.name));
      return;
    }
    this.#target = target;
    this.#step = "connecting";
    if (this.#operation.oneway === true) this.#responseFlags = onewayFlags(syncScope, target.minor);
    if (this.#flow !== undefined && !this.#isBegun(this.#flow, target)) return;
    if (this.#env.isLocal(target)) {
      this.#callLocally(target);
      return;
    }
    const open = this.#env.connections.opened(target);
    if (open?.isOpen === true) {
      this.#sendOn(open);
      return;
    }
    const { connectTimeoutMs } = this.#terms;
    this.#stopConnecting = this.#env.connections.connect(target, this, connectTimeoutMs);
  }

  /** Tells those who look at the call of the attempt; false where they ended it. */
  #isBegun(flow: ClientFlow, target: Target): boolean {
    const end = flow.start(target, this.#env.isLocal(target));
    if (end !== undefined) this.#conclude(end);
    return end === undefined && this.#step === "connecting";
  }

  connected(connection: ClientConnection): void {
    this.#stopConnecting = undefined;
    this.#sendOn(connection);
  }

  failed(cause: unknown, timedOut: boolean): void {
    this.#stopConnecting = undefined;
    if (this.#step !== "connecting") return;
    const afterMs = timedOut ? this.#elapsedMs() : undefined;
    this.#nextTarget(unreachable(this.#target as Target, cause, afterMs, this.#describe()));
  }

  #sendOn(connection: ClientConnection): void {
    if (this.#step !== "connecting") return;
    if (!connection.isOpen) {
      this.broken({ kind: "closed" });
      return;
    }
    this.#connection = connection;
    this.#course.begun(this.#target as Target, connection);
    this.#step = "waiting";
    this.#flow?.sent?.();
    try {
      this.#requestId = connection.send(this);
    } catch (error) {
      this.#fail(unsent(error));
      return;
    }
    // A oneway is done when the transport has it (SYNC_WITH_TRANSPORT).
    if (!this.isReplyExpected) this.#left();
  }

  #left(): void {
    this.#course.served(this.#target as Target);
    this.#succeed(undefined);
  }

  #callLocally(target: Target): void {
    this.#step = "waiting";
    if (this.#operation === LOCATE) {
      this.#locateLocally(target);
      return;
    }
    try {
      this.#local = new LocalCall(
        this.#env.context,
        target.objectKey,
        this.#operation,
        this.#args,
        this,
        {
          responseFlags: this.#responseFlags,
          contexts: this.#contexts(this.#course.contextsBeside(this.#terms.contexts)),
          target: addressOf(target),
        },
      );
    } catch (error) {
      this.#fail(unsent(error));
      return;
    }
    this.#flow?.sent?.();
    this.#local.start(this.#env.handler);
    if (!this.isReplyExpected) this.#left();
  }

  #locateLocally(target: Target): void {
    const place = this.#env.handler.locate(target.objectKey, ENTRANCE.inside);
    if (place.at === "forward") {
      this.#forwardTo(place.to, place.permanent);
    } else if (place.at === "here") {
      this.#succeed(true);
    } else {
      this.#fail(unknownObject(this.#describe()));
    }
  }

  write(
    out: CdrOutput,
    codec: GiopCodec,
    requestId: number,
    contexts: readonly ServiceContext[],
  ): Uint8Array {
    const target = addressOf(this.#target as Target);
    if (this.#operation === LOCATE) return writeLocateRequest(out, codec, requestId, target);
    const own = this.#course.contextsBeside(this.#terms.contexts);
    const header = {
      requestId,
      target,
      contexts: this.#contexts(own.length === 0 ? contexts : [...contexts, ...own]),
      responseFlags: this.#responseFlags,
    };
    return writeRequest(out, codec, header, this.#operation, this.#args);
  }

  #contexts(ofConnection: readonly ServiceContext[]): readonly ServiceContext[] {
    const flow = this.#flow;
    if (flow === undefined || flow.contexts.length === 0) return ofConnection;
    return [...ofConnection, ...flow.contexts];
  }

  reply(header: ReplyHeader, message: GiopMessage): void {
    if (this.#step !== "waiting") return;
    this.#flow?.replied(header.contexts);
    this.#answered(header.status, message.input, Completion.yes);
  }

  located(header: LocateReplyHeader, message: GiopMessage): void {
    if (this.#step !== "waiting") return;
    if (header.status === "UNKNOWN_OBJECT") this.#fail(unknownObject(this.#describe()));
    else this.#answered(LOCATED[header.status], message.input, Completion.no);
  }

  /** @param completed what is true of an answer that cannot be read */
  #answered(status: ReplyStatus, input: CdrInput, completed: CompletionStatus): void {
    try {
      switch (status) {
        case "NO_EXCEPTION":
          this.#course.served(this.#target as Target);
          input.completed = completed;
          this.#succeed(this.#operation.readResult(input));
          return;
        case "USER_EXCEPTION": {
          this.#course.served(this.#target as Target);
          input.completed = completed;
          const id = input.string();
          this.#fail(readUserException(input, id, this.#operation, this.#describe()), id);
          return;
        }
        case "SYSTEM_EXCEPTION":
          this.#systemException(input);
          return;
        case "LOCATION_FORWARD":
        case "LOCATION_FORWARD_PERM":
          this.#forwardTo(readIor(input), status === "LOCATION_FORWARD_PERM");
          return;
        case "NEEDS_ADDRESSING_MODE":
          this.#readdress(input.ushort());
          return;
      }
    } catch (error) {
      this.#fail(toSystemException(error, completed));
    }
  }

  broken(breakage: Breakage): void {
    if (this.#step === "settled") return;
    this.#connection = undefined;
    if (breakage.kind === "lost") {
      const error = lostCall(breakage, this.#describe());
      this.#course.lost(this.#target as Target, error);
      // A client that wants no rebinding stays where it is.
      if (!this.#isBound) this.#core.suspect(this.#target as Target);
      this.#fail(error);
      return;
    }
    if (this.#terms.rebind === "NO_RECONNECT") {
      this.#forbidden("the peer closed the connection");
      return;
    }
    // The peer closed in good order without having executed the request: it may be sent again.
    if (!this.#course.mayReopen()) {
      this.#nextTarget(closedAgain(this.#course.reopens, this.#describe()));
      return;
    }
    this.#step = "connecting";
    if (this.#flow === undefined) this.#tryNext();
    else this.#retry();
  }

  #systemException(input: CdrInput): void {
    const exception = readSystemException(input, this.#describe());
    if (exception.completed === Completion.no && this.#mayTryElsewhere(exception)) {
      this.#nextTarget(exception);
    } else {
      this.#course.served(this.#target as Target);
      this.#fail(exception);
    }
  }

  #mayTryElsewhere(exception: SystemException): boolean {
    if (exception instanceof OBJECT_NOT_EXIST) return this.#core.isForwarded;
    return isPassing(exception);
  }

  /** The server wants the object named in another way. */
  #readdress(mode: number): void {
    if (!this.#course.mayFollow()) {
      this.#fail(
        circling(
          "the server wants the object addressed in another way each time",
          this.#describe(),
        ),
      );
      return;
    }
    (this.#target as Target).namedBy = ADDRESSING[mode] ?? "reference";
    this.#retry();
  }

  #forwardTo(ior: Ior, permanent: boolean): void {
    if (this.#flow === undefined) this.#follow(ior, permanent);
    else this.#conclude(this.#flow.end({ kind: "forward", to: ior, permanent }));
  }

  #follow(ior: Ior, permanent: boolean): void {
    if (this.#isBound) {
      this.#forbidden("the object is said to be elsewhere");
      return;
    }
    if (!this.#course.mayFollow()) {
      this.#fail(circling(`forwarded ${MAX_FORWARDS} times in one call, a loop`, this.#describe()));
      return;
    }
    if (ior.profiles.length === 0) {
      this.#fail(forwardedToNil(this.#describe()));
      return;
    }
    try {
      this.#course.forwardTo(ior, permanent);
    } catch (error) {
      this.#fail(toSystemException(error, Completion.no));
      return;
    }
    this.#again();
  }

  /** What was sent, if anything was, is made again. */
  #retry(): void {
    if (this.#flow === undefined) this.#again();
    else this.#conclude(this.#flow.end({ kind: "retry" }));
  }

  /** Does what those who look at the call made of its end. */
  #conclude(end: ClientEnd): void {
    switch (end.kind) {
      case "result":
        this.#settle();
        this.#resolve(end.value);
        return;
      case "exception":
        this.#settle();
        this.#reject(end.error);
        return;
      case "forward":
        this.#follow(end.to, end.permanent);
        return;
      case "retry":
        this.#again();
        return;
    }
  }

  // Not on the stack of the reply: a server that keeps forwarding must not fill it.
  #again(): void {
    this.#step = "connecting";
    atTurnEnd(() => {
      if (this.#step === "connecting") this.#tryNext();
    });
  }

  /** Goes to the next address, or gives up with what was first. */
  #nextTarget(exception: SystemException): void {
    const isOver = this.#isBound || !this.#course.goOn(this.#target as Target, exception);
    if (isOver) this.#fail(this.#course.failure ?? exception);
    else this.#retry();
  }

  /** The call's time is over. */
  expire(): void {
    const exception = expiredCall(this.#terms, this.#step, this.#describe());
    if (this.#target !== undefined) this.#course.lost(this.#target, exception);
    this.#giveUp(exception);
  }

  /** The caller's signal was aborted. */
  cancel(): void {
    const exception = this.#cancelled(this.#signal?.reason);
    this.#giveUp(exception);
  }

  #cancelled(reason: unknown): SystemException {
    const completed = this.#step === "waiting" ? Completion.maybe : Completion.no;
    return cancelledCall(reason, completed, this.#describe());
  }

  #elapsedMs(): number {
    return this.#env.clock.nowMs() - this.#startedMs;
  }

  #forbidden(why: string): void {
    this.#fail(rebindForbidden(this.#terms, why, this.#describe()));
  }

  /** `announce on 10.0.0.1:2810 after 12 ms`. */
  #describe(): string {
    const at = this.#target === undefined ? "" : ` on ${this.#target.place}`;
    return `${this.#operation.name}${at} after ${Math.round(this.#elapsedMs())} ms`;
  }

  #succeed(value: unknown): void {
    if (this.#terms.rebind !== "TRANSPARENT") this.#core.binding = this.#connection ?? HERE;
    if (this.#flow !== undefined) {
      this.#conclude(this.#flow.end({ kind: "result", value }));
      return;
    }
    this.#settle();
    this.#resolve(value);
  }

  #fail(error: unknown, userId?: string): void {
    if (this.#step === "settled") return;
    if (this.#flow !== undefined) {
      const end = {
        kind: "exception",
        error,
        ...(userId === undefined ? {} : { userId }),
      } as const;
      this.#conclude(this.#flow.end(end));
      return;
    }
    this.#settle();
    this.#reject(error);
  }

  /** What it waits for is waited for no more, and nothing that those who look at the call say makes it go on. */
  #giveUp(error: unknown): void {
    this.#stopConnecting?.();
    this.#stopConnecting = undefined;
    this.#local?.cancel();
    if (this.#step === "waiting") this.#connection?.cancel(this.#requestId);
    if (this.#step === "settled") return;
    this.#settle();
    const end = this.#flow?.end({ kind: "exception", error });
    this.#reject(end?.kind === "exception" ? end.error : error);
  }

  #settle(): void {
    this.#step = "settled";
    this.#timer?.cancel();
    this.#requestTimer?.cancel();
    if (this.#signal !== undefined) this.#env.cancellations.remove(this.#signal, this);
  }
}
