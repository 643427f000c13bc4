import { type CdrOutput, DEFAULT_CODE_SETS } from "../cdr/index.ts";
import { Completion, COMM_FAILURE, MINOR, NO_RESOURCES } from "../exception/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  codeSetsContext,
  endMessage,
  type GiopCodec,
  GiopFault,
  type GiopMessage,
  type LocateReplyHeader,
  type ReplyHeader,
  type ServiceContext,
} from "../giop/index.ts";
import type { ConnectionEnd, WatchedConnection } from "../hook/index.ts";
import type { Channel, Endpoint, ChannelOptions } from "../transport/index.ts";
import { Ending } from "./ending.ts";
import type { IiopEnvironment, OtherHalf } from "./environment.ts";
import type { Scanned } from "./idle-scan.ts";
import { Outbox } from "./outbox.ts";
import { RequestTable } from "./request-table.ts";
import type { Route } from "./route.ts";
import { sendMessage } from "./send.ts";

/** Why a connection will bring no reply. */
export type Breakage = Exclude<ConnectionEnd, { kind: "left" }>;

/** Who opened a connection. */
export interface ConnectionOwner {
  /** A reply has come that brings service contexts. @param objectKey of the object that was called, where known */
  replied(
    connection: ClientConnection,
    contexts: readonly ServiceContext[],
    objectKey: Uint8Array | undefined,
  ): void;
  /** No call waits for a reply any more. */
  quiet(connection: ClientConnection): void;
  /** It takes no calls any more. */
  retired(connection: ClientConnection): void;
  ended(connection: ClientConnection, end: ConnectionEnd): void;
}

/** One call that waits on a connection. Exactly one of the methods is called, once, unless it is forgotten. */
export interface PendingCall {
  /** Whom it calls; absent where nobody needs to know. */
  readonly objectKey?: Uint8Array | undefined;
  reply(header: ReplyHeader, message: GiopMessage): void;
  located(header: LocateReplyHeader, message: GiopMessage): void;
  broken(breakage: Breakage): void;
}

/** A call that can write itself into a message. */
export interface OutgoingCall extends PendingCall {
  /** Whether a reply is to be waited for. */
  readonly isReplyExpected: boolean;
  /** Whether it has room for service contexts: a LocateRequest has none. */
  readonly carriesContexts: boolean;
  /** Nobody's call: the connection counts as idle all the same. */
  readonly isUpkeep?: boolean;
  /** Writes the message from its GIOP header on. @returns the finished octets */
  write(
    out: CdrOutput,
    codec: GiopCodec,
    requestId: number,
    contexts: readonly ServiceContext[],
  ): Uint8Array;
}

/** Even ids belong to the side that opened the connection, odd ones to the other. */
const FIRST_ID = 2;
/** Milliseconds from when nobody calls over a connection until it is closed. */
const LEAVE_MS = 10;
const REVERSED = { onCancel: "forget" } as const;
const NO_CONTEXTS: readonly ServiceContext[] = [];

/** A connection this ORB opened: sends requests, matches replies (CORBA 3.3 Part 2, 9.5.1). */
export class ClientConnection implements Scanned, WatchedConnection {
  readonly route: Route;
  readonly at: Endpoint;
  readonly #channel: Channel;
  readonly #env: IiopEnvironment;
  readonly #codec: GiopCodec;
  readonly #outbox: Outbox;
  readonly #assembler: Assembler;
  readonly #ending: Ending;
  readonly #pending = new RequestTable<PendingCall>();
  readonly #owner: ConnectionOwner;
  readonly #onMessage = (message: GiopMessage): void => this.receive(message);
  #out: CdrOutput;
  #nextId: number;
  /** Of the offer to be called back that the last request told; undefined before the first. */
  #toldRevision: number | undefined;
  #isOffered = false;
  /** Takes requests of the peer, to whom calls back were offered. */
  #serving: OtherHalf | undefined;
  /** Looks of the idle scan since the last message. */
  #quietScans = 0;
  /** "retired": what was sent is still waited for, but no call is taken any more. */
  #step: "open" | "retired" | "closed" = "open";
  #retiredFor = "";

  constructor(
    channel: Channel,
    route: Route,
    env: IiopEnvironment,
    owner: ConnectionOwner,
    { at = route, firstId = FIRST_ID }: { readonly at?: Endpoint; readonly firstId?: number } = {},
  ) {
    this.route = route;
    this.at = at;
    this.#channel = channel;
    this.#env = env;
    this.#owner = owner;
    this.#nextId = firstId;
    this.#codec = codecFor(route.minor);
    this.#outbox = new Outbox(channel);
    this.#assembler = new Assembler({ maxMessageOctets: env.settings.maxMessageOctets });
    this.#ending = new Ending(channel, env.clock, env.settings.closeTimeoutMs);
    this.#out = this.#newOutput();
    channel.start({
      data: (chunk) => this.#data(chunk),
      room: () => this.#assembler.room(),
      drained: () => this.#serving?.drained(),
      closed: (cause) => this.#closed(cause),
    });
    channel.unref();
  }

  /** Takes calls. */
  get isOpen(): boolean {
    return this.#step === "open";
  }

  get peer(): string {
    return this.#channel.peer;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  configure(options: ChannelOptions): readonly (keyof ChannelOptions)[] {
    return this.#channel.configure?.(options) ?? [];
  }

  /**
   * Sends a call; what `write` throws is thrown on, and nothing was sent then.
   * @returns the request id
   * @throws NO_RESOURCES when too many calls wait or too many octets are queued
   */
  send(call: OutgoingCall): number {
    this.#checkRoom();
    if (call.isUpkeep !== true) this.#quietScans = 0;
    const id = this.#freeId();
    const isNews = this.#toldRevision !== this.#env.bidirectional.revision && call.carriesContexts;
    const contexts = isNews ? this.#news() : NO_CONTEXTS;
    let message: Uint8Array;
    try {
      message = call.write(this.#out, this.#codec, id, contexts);
    } catch (error) {
      this.#out.reset();
      throw error;
    }
    if (isNews) this.#told();
    if (call.isReplyExpected) {
      if (this.#pending.size === 0) this.#channel.ref();
      this.#pending.set(id, call);
    }
    this.#sent(message);
    return id;
  }

  /** Forgets a call that was sent; a late reply is dropped. What else happens is the route's `onCancel`. */
  cancel(requestId: number): void {
    if (this.#pending.take(requestId) === undefined) return;
    if (this.#pending.size === 0) this.#rest();
    if (this.#step === "closed") return;
    // A connection that the peer opened is not ours to leave.
    const { onCancel } = this.#isReverse ? REVERSED : this.route;
    if (onCancel === "tell" || (onCancel === "leave" && this.#pending.size === 0)) {
      beginMessage(this.#out, "CancelRequest", this.route.minor);
      this.#codec.writeCancelRequestHeader(this.#out, { requestId });
      this.#sent(endMessage(this.#out));
    }
    if (onCancel === "leave") this.retire("a call was cancelled, and none is left");
  }

  /** Closes; pending calls are broken with `why`. */
  close(why: string): void {
    if (this.#step === "closed") return;
    if (this.route.minor === 2) {
      beginMessage(this.#out, "CloseConnection", 2);
      this.#sent(endMessage(this.#out));
    }
    this.#outbox.flush();
    this.#ending.begin();
    this.#finish({ kind: "lost", why, cause: undefined }, { kind: "left", why });
  }

  /** Gives the peer up: nobody knows what became of the pending calls. */
  lose(why: string): void {
    this.#finish({ kind: "lost", why, cause: undefined });
    this.#channel.destroy();
  }

  scan(scans: number): void {
    // The peer may call over it at any time.
    if (this.#pending.size > 0 || this.#isOffered || this.#isReverse) this.#quietScans = 0;
    else if (++this.#quietScans > scans) this.close("it was idle");
  }

  /** Settled when the transport's channel is gone. */
  get gone(): Promise<void> {
    return this.#ending.gone;
  }

  /** Takes no calls any more, and closes when the last reply has come. */
  retire(why: string): void {
    this.takeNoCalls(why);
    if (this.#pending.size === 0) this.close(this.#retiredFor);
  }

  /**
   * As `retire`, but closed in a moment: to close takes both sides as long as many calls, and the calls that go elsewhere
   * instead would wait for it.
   */
  leave(why: string): void {
    this.takeNoCalls(why);
    this.#env.clock.timer(LEAVE_MS, () => this.retire(why)).unref();
  }

  /** What was sent is still waited for; `retire` or `leave` is to follow. */
  takeNoCalls(why: string): void {
    if (this.#step !== "open") return;
    this.#step = "retired";
    this.#retiredFor = why;
    this.#owner.retired(this);
  }

  #newOutput(): CdrOutput {
    const out = this.#env.outputs.take();
    out.giopMinor = this.route.minor;
    out.charSet = this.route.charSet;
    out.wcharSet = this.route.wcharSet;
    out.noWchar = this.route.noWchar;
    out.context = this.#env.context;
    return out;
  }

  #sent(message: Uint8Array): void {
    const out = this.#out;
    const free = (): void => this.#env.outputs.giveBack(out);
    if (sendMessage(this.#outbox, out, message, this.#env.settings.fragmentOctets, free))
      out.reset();
    else this.#out = this.#newOutput();
  }

  #checkRoom(): void {
    if (this.#pending.size >= this.#env.settings.maxPendingCalls) {
      throw new NO_RESOURCES(
        `${this.#pending.size} calls to ${this.peer} wait for replies already (maxPendingCalls)`,
        MINOR.queueFull,
        Completion.no,
      );
    }
    if (this.#outbox.queuedOctets > this.#env.settings.maxQueuedOctets) {
      throw new NO_RESOURCES(
        `${this.#outbox.queuedOctets} octets to ${this.peer} wait to be sent already (maxQueuedOctets)`,
        MINOR.queueFull,
        Completion.no,
      );
    }
  }

  // By twos, so that ids stay even or odd: the peer has the others, should the connection be used both ways.
  #freeId(): number {
    let id = this.#nextId;
    while (this.#pending.get(id) !== undefined) id = (id + 2) >>> 0;
    this.#nextId = (id + 2) >>> 0;
    return id;
  }

  get #isReverse(): boolean {
    return this.#nextId % 2 === 1;
  }

  get #mayOffer(): boolean {
    return this.route.minor === 2 && !this.#isReverse;
  }

  // A process that is called back has to be there.
  #rest(): void {
    if (!this.#isOffered) this.#channel.unref();
    this.#owner.quiet(this);
  }

  /** What the next request has to tell beside its own. */
  #news(): readonly ServiceContext[] {
    const first = this.#toldRevision === undefined ? this.#firstContexts() : NO_CONTEXTS;
    const offer = this.#mayOffer ? this.#env.bidirectional.offer() : undefined;
    return offer === undefined ? first : [...first, offer];
  }

  #told(): void {
    const { revision } = this.#env.bidirectional;
    this.#toldRevision = revision;
    if (!this.#mayOffer || revision === 0) return;
    this.#isOffered = true;
    this.#channel.ref();
  }

  #firstContexts(): readonly ServiceContext[] {
    const { charSet, wcharSet, minor } = this.route;
    const isDefault =
      charSet === DEFAULT_CODE_SETS.charSet && wcharSet === DEFAULT_CODE_SETS.wcharSet;
    return minor === 0 || isDefault ? NO_CONTEXTS : [codeSetsContext(this.route)];
  }

  #data(chunk: Uint8Array): void {
    if (this.#step === "closed") return;
    try {
      this.#assembler.consume(chunk, this.#onMessage);
    } catch (error) {
      this.#breach(error);
    }
  }

  /** Takes one message: what the assembler, or the half that owns the connection, has read. */
  receive(message: GiopMessage): void {
    if (this.#step === "closed") return;
    const { input, type } = message;
    switch (type) {
      case "Reply": {
        input.charSet = this.route.charSet;
        input.wcharSet = this.route.wcharSet;
        input.noWchar = this.route.noWchar;
        input.context = this.#env.context;
        const header = codecFor(message.minor).readReplyHeader(input);
        if (header.contexts.length > 0) {
          const { objectKey } = this.#pending.get(header.requestId) ?? {};
          this.#owner.replied(this, header.contexts, objectKey);
        }
        this.#take(header.requestId)?.reply(header, message);
        return;
      }
      case "LocateReply": {
        input.context = this.#env.context;
        const header = codecFor(message.minor).readLocateReplyHeader(input);
        this.#take(header.requestId)?.located(header, message);
        return;
      }
      case "CloseConnection":
        this.#ending.begin();
        this.#finish({ kind: "closed" });
        return;
      case "MessageError":
        this.#channel.destroy();
        this.#finish({
          kind: "lost",
          why: "the peer answered MessageError: it did not understand what it received",
          cause: undefined,
        });
        return;
      case "Request":
      case "LocateRequest":
      case "CancelRequest":
        if (this.#isOffered) {
          this.#serving ??= this.#env.bidirectional.serve(this.#channel, this.#env);
          this.#serving.receive(message);
          return;
        }
        throw new GiopFault("unknownType", `a ${type} on a connection that is not bidirectional`);
    }
  }

  // A reply for an id that is not here was cancelled or timed out.
  #take(requestId: number): PendingCall | undefined {
    const call = this.#pending.take(requestId);
    if (call === undefined) return undefined;
    const isRetired = this.#step === "retired";
    if (this.#pending.size === 0) this.#rest();
    if (isRetired) this.retire(this.#retiredFor);
    return call;
  }

  #breach(error: unknown): void {
    this.#env.log.warn("a server broke the protocol; the connection is closed", {
      peer: this.peer,
      error,
    });
    beginMessage(this.#out, "MessageError", this.route.minor);
    this.#sent(endMessage(this.#out));
    this.#outbox.flush();
    this.#ending.begin();
    this.#finish({
      kind: "lost",
      why: `the peer broke the protocol: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }

  #closed(cause: Error | undefined): void {
    this.#ending.finished();
    this.#finish({
      kind: "lost",
      why: cause === undefined ? "the peer closed the connection" : cause.message,
      cause,
    });
  }

  #finish(breakage: Breakage, end: ConnectionEnd = breakage): void {
    if (this.#step === "closed") return;
    const isLeft = this.#step === "retired" && this.#pending.size === 0;
    this.#step = "closed";
    this.#serving?.closed();
    // Whatever the peer did to one that was about to be closed means nothing.
    this.#owner.ended(this, isLeft ? { kind: "left", why: this.#retiredFor } : end);
    // Whoever is asked where calls go now answers while these hear of their end.
    if (this.#pending.size > 0) this.#channel.flush?.();
    for (const call of this.#pending.takeAll()) call.broken(breakage);
  }
}

/** The exception of a call whose connection was lost after the request had left. */
export function lostCall(
  breakage: Extract<Breakage, { kind: "lost" }>,
  during: string,
): COMM_FAILURE {
  return new COMM_FAILURE(`${during}: ${breakage.why}`, MINOR.peerClosed, Completion.maybe, {
    cause: breakage.cause,
  });
}
