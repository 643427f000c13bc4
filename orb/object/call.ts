import type { Expiring, Timer } from "../base/index.ts";
import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import {
  Completion,
  MINOR,
  OBJECT_NOT_EXIST,
  type SystemException,
  TIMEOUT,
  toSystemException,
} from "../exception/index.ts";
import {
  ADDRESSING,
  type GiopCodec,
  type GiopMessage,
  type LocateReplyHeader,
  type ReplyHeader,
  type ServiceContext,
  type Target as Addressing,
} from "../giop/index.ts";
import type { ClientEnd, ClientFlow } from "../hook/index.ts";
import {
  type Breakage,
  type ClientConnection,
  ENTRANCE,
  lostCall,
  type OutgoingCall,
} from "../iiop/index.ts";
import { type Ior, readIor } from "../ior/index.ts";
import type { CallEnvironment } from "./call-environment.ts";
import {
  addressOf,
  readSystemException,
  readUserException,
  unknownObject,
  writeLocateRequest,
  writeRequest,
} from "./call-message.ts";
import {
  cancelledCall,
  forwardedToNil,
  hopeless,
  isPassing,
  unreachable,
  unsent,
} from "./call-failures.ts";
import { LocalCall } from "./collocated.ts";
import { LOCATE } from "./implicit.ts";
import type { AnyOperation, InvokeOptions } from "./operation.ts";
import type { ReferenceCore } from "./reference-core.ts";
import type { Target } from "./target.ts";

/** Forwards followed in one call before it is taken for a loop. */
const MAX_FORWARDS = 10;
/** Connections that may close in good order under one call before it gives up. */
const MAX_REOPENS = 3;

/**
 * One call from the stub to its result. It goes through the reference's addresses until one takes the
 * request; after that it is sent again only where the server said that it was not executed.
 */
export class Call implements OutgoingCall, Expiring {
  readonly #env: CallEnvironment;
  readonly #core: ReferenceCore;
  readonly #operation: AnyOperation;
  readonly #args: readonly unknown[];
  readonly #signal: AbortSignal | undefined;
  readonly #timeoutMs: number;
  /** Which setting the limit is from, for messages. */
  readonly #limitName: string;
  /** Those who look at the call; mostly nobody. */
  readonly #flow: ClientFlow | undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #startedMs: number;
  #timer: Pick<Timer, "cancel"> | undefined;
  #target: Target | undefined;
  #connection: ClientConnection | undefined;
  #requestId = 0;
  #stopConnecting: (() => void) | undefined;
  #local: LocalCall | undefined;
  /** Where among the targets this call began. */
  #first = 0;
  #attempt = 0;
  #forwards = 0;
  #reopens = 0;
  #addressing: Addressing["by"] = "key";
  #step: "connecting" | "waiting" | "settled" = "connecting";

  constructor(
    env: CallEnvironment,
    core: ReferenceCore,
    operation: AnyOperation,
    args: readonly unknown[],
    options: InvokeOptions | undefined,
    flow: ClientFlow | undefined,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#env = env;
    this.#core = core;
    this.#operation = operation;
    this.#args = args;
    this.#signal = options?.signal;
    this.#timeoutMs = options?.timeoutMs ?? env.deadlineMs;
    this.#limitName = options?.timeoutMs === undefined ? "orb.deadlineMs" : "timeoutMs";
    this.#flow = flow;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#startedMs = env.clock.nowMs();
  }

  get isReplyExpected(): boolean {
    return this.#operation.oneway !== true;
  }

  start(): void {
    if (this.#signal?.aborted === true) {
      this.#fail(this.#cancelled(this.#signal.reason));
      return;
    }
    if (!(this.#timeoutMs > 0)) {
      this.#fail(new RangeError(`timeoutMs must be above 0, not ${this.#timeoutMs}`));
      return;
    }
    this.#tryNext();
    // Most often the request has left by now; a oneway is done.
    if (this.#step === "settled") return;
    if (this.#timeoutMs !== Infinity) this.#timer = this.#newTimer();
    if (this.#signal !== undefined) this.#env.cancellations.add(this.#signal, this);
  }

  #newTimer(): Pick<Timer, "cancel"> {
    const { clock, deadlineMs, deadlines } = this.#env;
    return this.#timeoutMs === deadlineMs
      ? deadlines.add(this, this.#startedMs)
      : clock.timer(this.#timeoutMs, () => this.expire());
  }

  #tryNext(): void {
    let targets: readonly Target[];
    try {
      targets = this.#core.targets;
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#attempt === 0) this.#first = this.#core.good;
    const target =
      this.#attempt < targets.length
        ? targets[(this.#first + this.#attempt) % targets.length]
        : undefined;
    if (target === undefined) {
      this.#exhausted();
      return;
    }
    this.#target = target;
    this.#step = "connecting";
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
    this.#stopConnecting = this.#env.connections.connect(target, {
      connected: (connection) => {
        this.#stopConnecting = undefined;
        this.#sendOn(connection);
      },
      failed: (cause, timedOut) => {
        this.#stopConnecting = undefined;
        this.#connectFailed(target, cause, timedOut);
      },
    });
  }

  /** Tells those who look at the call of the attempt; false where they ended it. */
  #isBegun(flow: ClientFlow, target: Target): boolean {
    const end = flow.start(target);
    if (end !== undefined) this.#conclude(end);
    return end === undefined && this.#step === "connecting";
  }

  #sendOn(connection: ClientConnection): void {
    if (this.#step !== "connecting") return;
    if (!connection.isOpen) {
      this.broken({ kind: "closed" });
      return;
    }
    this.#connection = connection;
    this.#core.served(this.#target as Target);
    this.#step = "waiting";
    try {
      this.#requestId = connection.send(this);
    } catch (error) {
      this.#fail(unsent(error));
      return;
    }
    // A oneway is done when the transport has it (SYNC_WITH_TRANSPORT).
    if (!this.isReplyExpected) this.#succeed(undefined);
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
        this.#flow?.contexts,
      );
    } catch (error) {
      this.#fail(unsent(error));
      return;
    }
    this.#local.start(this.#env.handler);
    if (!this.isReplyExpected) this.#succeed(undefined);
  }

  #locateLocally(target: Target): void {
    const place = this.#env.handler.locate(target.objectKey, ENTRANCE.inside);
    if (place.at === "forward") {
      this.#forwardTo(place.to);
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
    const target = addressOf(this.#target as Target, this.#addressing);
    return this.#operation === LOCATE
      ? writeLocateRequest(out, codec, requestId, target)
      : writeRequest(
          out,
          codec,
          { requestId, target, contexts: this.#contexts(contexts) },
          this.#operation,
          this.#args,
        );
  }

  #contexts(ofConnection: readonly ServiceContext[]): readonly ServiceContext[] {
    const flow = this.#flow;
    if (flow === undefined || flow.contexts.length === 0) return ofConnection;
    return [...ofConnection, ...flow.contexts];
  }

  reply(header: ReplyHeader, message: GiopMessage): void {
    if (this.#step !== "waiting") return;
    const { input } = message;
    this.#flow?.replied(header.contexts);
    try {
      switch (header.status) {
        case "NO_EXCEPTION":
          input.completed = Completion.yes;
          this.#succeed(this.#operation.readResult(input));
          return;
        case "USER_EXCEPTION": {
          input.completed = Completion.yes;
          const id = input.string();
          this.#fail(readUserException(input, id, this.#operation, this.#describe()), id);
          return;
        }
        case "SYSTEM_EXCEPTION":
          this.#systemException(input);
          return;
        case "LOCATION_FORWARD":
        case "LOCATION_FORWARD_PERM":
          this.#forwarded(input);
          return;
        case "NEEDS_ADDRESSING_MODE":
          this.#readdress(input.ushort());
          return;
      }
    } catch (error) {
      this.#fail(toSystemException(error, Completion.yes));
    }
  }

  located(header: LocateReplyHeader, message: GiopMessage): void {
    if (this.#step !== "waiting") return;
    const { input } = message;
    try {
      switch (header.status) {
        case "OBJECT_HERE":
          this.#succeed(true);
          return;
        case "UNKNOWN_OBJECT":
          this.#fail(unknownObject(this.#describe()));
          return;
        case "OBJECT_FORWARD":
        case "OBJECT_FORWARD_PERM":
          this.#forwarded(input);
          return;
        case "LOC_SYSTEM_EXCEPTION":
          this.#systemException(input);
          return;
        case "LOC_NEEDS_ADDRESSING_MODE":
          this.#readdress(input.ushort());
          return;
      }
    } catch (error) {
      this.#fail(toSystemException(error, Completion.no));
    }
  }

  broken(breakage: Breakage): void {
    if (this.#step === "settled") return;
    this.#connection = undefined;
    if (breakage.kind === "lost") {
      this.#fail(lostCall(breakage, this.#describe()));
      return;
    }
    // The peer closed in good order without having executed the request: it may be sent again.
    if (++this.#reopens > MAX_REOPENS) {
      this.#nextTarget(
        hopeless(
          `${this.#describe()}: the peer closed the connection ${this.#reopens} times before it took the request`,
          MINOR.peerClosed,
        ),
      );
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
      this.#fail(exception);
    }
  }

  #mayTryElsewhere(exception: SystemException): boolean {
    if (exception instanceof OBJECT_NOT_EXIST) return this.#core.isForwarded;
    const isElsewhere = this.#core.isForwarded || this.#attempt + 1 < this.#core.targets.length;
    return isElsewhere && isPassing(exception);
  }

  /** The server wants the object named in another way. */
  #readdress(mode: number): void {
    if (++this.#forwards > MAX_FORWARDS) {
      const text = `${this.#describe()}: the server wants the object addressed in another way each time`;
      this.#fail(hopeless(text));
      return;
    }
    this.#addressing = ADDRESSING[mode] ?? "reference";
    this.#retry();
  }

  #forwarded(input: CdrInput): void {
    this.#forwardTo(readIor(input));
  }

  #forwardTo(ior: Ior): void {
    if (this.#flow === undefined) this.#follow(ior);
    else this.#conclude(this.#flow.end({ kind: "forward", to: ior }));
  }

  #follow(ior: Ior): void {
    if (++this.#forwards > MAX_FORWARDS) {
      const text = `${this.#describe()}: forwarded ${MAX_FORWARDS} times in one call, a loop`;
      this.#fail(hopeless(text));
      return;
    }
    if (ior.profiles.length === 0) {
      this.#fail(forwardedToNil(this.#describe()));
      return;
    }
    try {
      this.#core.forwardTo(ior);
    } catch (error) {
      this.#fail(toSystemException(error, Completion.no));
      return;
    }
    this.#attempt = 0;
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
        this.#follow(end.to);
        return;
      case "retry":
        this.#again();
        return;
    }
  }

  // Not on the stack of the reply: a server that keeps forwarding must not fill it.
  #again(): void {
    this.#step = "connecting";
    queueMicrotask(() => {
      if (this.#step === "connecting") this.#tryNext();
    });
  }

  #connectFailed(target: Target, cause: unknown, timedOut: boolean): void {
    if (this.#step !== "connecting") return;
    const afterMs = timedOut ? this.#elapsedMs() : undefined;
    this.#nextTarget(unreachable(target, cause, afterMs, this.#describe()));
  }

  /** Goes to the next address, then back to the unforwarded reference, then gives up with what was first. */
  #nextTarget(exception: SystemException): void {
    this.#attempt++;
    this.#reopens = 0;
    if (this.#attempt < this.#core.targets.length) {
      this.#retry();
    } else if (this.#core.isForwarded) {
      this.#core.dropForward();
      this.#attempt = 0;
      this.#forwards++;
      if (this.#forwards > MAX_FORWARDS) this.#fail(exception);
      else this.#retry();
    } else {
      this.#fail(exception);
    }
  }

  #exhausted(): void {
    const type = this.#core.ior.typeId || "without a type";
    const text = `${this.#operation.name}: the reference (${type}) has no IIOP address to call`;
    this.#fail(hopeless(text, MINOR.noUsableEndpoint));
  }

  /** The call's time is over. */
  expire(): void {
    const limit = `the limit of ${this.#timeoutMs} ms (${this.#limitName}) passed`;
    const doing =
      this.#step === "connecting" ? "no connection yet" : "connected and sent, no reply yet";
    const isSent = this.#step === "waiting";
    this.#withdraw();
    this.#giveUp(
      new TIMEOUT(
        `${this.#describe()}: ${limit}: ${doing}`,
        isSent ? MINOR.replyExpired : MINOR.requestExpired,
        isSent ? Completion.maybe : Completion.no,
      ),
    );
  }

  /** The caller's signal was aborted. */
  cancel(): void {
    const exception = this.#cancelled(this.#signal?.reason);
    this.#withdraw();
    this.#giveUp(exception);
  }

  #cancelled(reason: unknown): SystemException {
    const completed = this.#step === "waiting" ? Completion.maybe : Completion.no;
    return cancelledCall(reason, completed, this.#describe());
  }

  #withdraw(): void {
    this.#stopConnecting?.();
    this.#stopConnecting = undefined;
    this.#local?.cancel();
    if (this.#step === "waiting") this.#connection?.cancel(this.#requestId);
  }

  #elapsedMs(): number {
    return this.#env.clock.nowMs() - this.#startedMs;
  }

  /** `announce on 10.0.0.1:2810 after 12 ms`. */
  #describe(): string {
    const at = this.#target === undefined ? "" : ` on ${this.#target.host}:${this.#target.port}`;
    return `${this.#operation.name}${at} after ${Math.round(this.#elapsedMs())} ms`;
  }

  #succeed(value: unknown): void {
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

  /** Nothing that those who look at the call say makes it go on. */
  #giveUp(error: unknown): void {
    if (this.#step === "settled") return;
    this.#settle();
    const end = this.#flow?.end({ kind: "exception", error });
    this.#reject(end?.kind === "exception" ? end.error : error);
  }

  #settle(): void {
    this.#step = "settled";
    this.#timer?.cancel();
    if (this.#signal !== undefined) this.#env.cancellations.remove(this.#signal, this);
  }
}
