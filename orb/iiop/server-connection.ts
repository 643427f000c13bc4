import type { Timer } from "../base/index.ts";
import {
  type CdrOutput,
  type CodeSets,
  DEFAULT_CODE_SETS,
  OWN_CODE_SETS,
  serverWithoutWchar,
  supportsCharSet,
  supportsWcharSet,
} from "../cdr/index.ts";
import {
  CODESET_INCOMPATIBLE,
  Completion,
  MARSHAL,
  MINOR,
  type SystemException,
  toSystemException,
  TRANSIENT,
} from "../exception/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  endMessage,
  findServiceContext,
  GiopFault,
  type GiopMessage,
  readCodeSetsContext,
  type RequestHeader,
  SERVICE_ID,
} from "../giop/index.ts";
import { ClientHabits } from "../hook/index.ts";
import type { Channel } from "../transport/index.ts";
import { Ending } from "./ending.ts";
import type { IiopEnvironment, Lender, OtherHalf } from "./environment.ts";
import type { Scanned } from "./idle-scan.ts";
import { IiopRequest, objectKeyOf, type Owed, type ReplyPath } from "./iiop-request.ts";
import { LocateRequest } from "./locate-request.ts";
import { Outbox } from "./outbox.ts";
import { sendMessage } from "./send.ts";
import { RequestTable } from "./request-table.ts";
import type { RequestHandler } from "./server-request.ts";

/** What a client that named no code sets is taken to use: UTF-16 is what TAO sends without naming it. */
const ASSUMED_CODE_SETS: CodeSets = {
  charSet: DEFAULT_CODE_SETS.charSet,
  wcharSet: OWN_CODE_SETS.wchar.native,
};

function isSame(one: CodeSets, other: CodeSets): boolean {
  return one.charSet === other.charSet && one.wcharSet === other.wcharSet;
}

function offersCallbacks({ contexts }: RequestHeader): boolean {
  return (
    contexts.length > 0 && findServiceContext(contexts, SERVICE_ID.bidirectionalIiop) !== undefined
  );
}

/** A connection a client opened to this ORB. */
export class ServerConnection implements Scanned, Lender {
  readonly #channel: Channel;
  readonly #env: IiopEnvironment;
  readonly #handler: RequestHandler;
  readonly #outbox: Outbox;
  readonly #assembler: Assembler;
  readonly #ending: Ending;
  readonly #ended: (connection: ServerConnection) => void;
  readonly #onMessage = (message: GiopMessage): void => this.receive(message);
  /** Requests whose answer is owed, by id. */
  readonly #owed = new RequestTable<Owed>();
  #owedOctets = 0;
  readonly #path: ReplyPath;
  readonly #habits = new ClientHabits();
  #codeSets: CodeSets = ASSUMED_CODE_SETS;
  /** As the client named them. */
  #named: CodeSets | undefined;
  #out: CdrOutput;
  /** Takes replies to calls that were sent over this connection, and where its client says it listens. */
  #calling: OtherHalf | undefined;
  #listenPoints: readonly string[] = [];
  #drainTimer: Timer | undefined;
  #isPaused = false;
  #highestMinor: 0 | 1 | 2 = 0;
  /** Looks of the idle scan since the last octets. */
  #quietScans = 0;
  /** When the last message was sent, on the clock of the ORB. */
  #sentAtMs = -Infinity;
  #step: "open" | "draining" | "closed" = "open";

  constructor(
    channel: Channel,
    env: IiopEnvironment,
    handler: RequestHandler,
    connectionId: string,
    entrance: number,
    ended: (connection: ServerConnection) => void,
  ) {
    this.#channel = channel;
    this.#env = env;
    this.#handler = handler;
    this.#ended = ended;
    this.#outbox = new Outbox(channel);
    this.#assembler = new Assembler({ maxMessageOctets: env.settings.maxMessageOctets });
    this.#ending = new Ending(channel, env.clock, env.settings.closeTimeoutMs);
    this.#out = this.#newOutput();
    const habits = this.#habits;
    this.#path = {
      peer: channel.peer,
      connectionId,
      entrance,
      get client() {
        return habits.client;
      },
      origin: env.context,
      output: (minor) => this.#output(minor),
      send: (message) => this.#send(message),
      answered: (request) => this.#answered(request),
    };
    channel.start({
      data: (chunk) => this.#data(chunk),
      room: () => this.#assembler.room(),
      drained: () => {
        this.#mayResume();
        this.#calling?.drained();
      },
      closed: () => this.#gone(),
    });
  }

  get peer(): string {
    return this.#channel.peer;
  }

  /** Settled when the transport's channel is gone. */
  get gone(): Promise<void> {
    return this.#ending.gone;
  }

  /** Reads no more; says CloseConnection and closes when every request in work is answered, at the latest in `drainTimeoutMs`. */
  close(drainTimeoutMs: number): void {
    if (this.#step !== "open") return;
    this.#step = "draining";
    if (this.#owed.size === 0) this.#sayGoodbye();
    else this.#drainTimer = this.#env.clock.timer(drainTimeoutMs, () => this.#sayGoodbye());
  }

  scan(scans: number): void {
    if (this.#step !== "open") return;
    if (this.#owed.size > 0) this.#quietScans = 0;
    else if (++this.#quietScans > scans) this.#sayGoodbye();
  }

  #newOutput(): CdrOutput {
    const out = this.#env.outputs.take();
    out.context = this.#env.context;
    return out;
  }

  #output(minor: 0 | 1 | 2): CdrOutput {
    const out = this.#out;
    out.giopMinor = minor;
    out.charSet = this.#codeSets.charSet;
    out.wcharSet = this.#codeSets.wcharSet;
    out.noWchar = serverWithoutWchar;
    return out;
  }

  #send(message: Uint8Array): void {
    if (this.#step === "closed") {
      this.#out.reset();
      return;
    }
    this.#sentAtMs = this.#env.clock.nowMs();
    const out = this.#out;
    const free = (): void => this.#env.outputs.giveBack(out);
    if (sendMessage(this.#outbox, out, message, this.#env.settings.fragmentOctets, free))
      out.reset();
    else this.#out = this.#newOutput();
    if (this.#outbox.queuedOctets > this.#env.settings.maxQueuedOctets) this.#pause();
  }

  #answered(request: Owed): void {
    if (this.#owed.get(request.requestId) === request) {
      this.#owed.take(request.requestId);
      this.#owedOctets -= request.octets;
    }
    if (this.#step === "draining" && this.#owed.size === 0) this.#sayGoodbye();
    else if (this.#isPaused) this.#mayResume();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#channel.pause();
  }

  #mayResume(): void {
    if (this.#isPaused && this.#outbox.queuedOctets <= this.#env.settings.maxQueuedOctets / 2) {
      this.#isPaused = false;
      this.#channel.resume();
    }
  }

  #data(chunk: Uint8Array): void {
    // What comes behind our CloseConnection must not be executed: the client sends it again.
    if (this.#step !== "open") return;
    this.#quietScans = 0;
    try {
      this.#assembler.consume(chunk, this.#onMessage);
    } catch (error) {
      this.#breach(error);
    }
  }

  get isOpen(): boolean {
    return this.#step === "open";
  }

  get channel(): Channel {
    return this.#channel;
  }

  attach(calling: OtherHalf): void {
    this.#calling = calling;
  }

  /** Takes one message: what the assembler, or the half that owns the connection, has read. */
  receive(message: GiopMessage): void {
    if (this.#step !== "open") return;
    if (message.minor > this.#highestMinor) this.#highestMinor = message.minor;
    const { input, minor, type } = message;
    switch (type) {
      case "Request":
        this.#request(message);
        return;
      case "LocateRequest":
        this.#locate(message);
        return;
      case "CancelRequest": {
        const { requestId } = codecFor(minor).readCancelRequestHeader(input);
        this.#owed.get(requestId)?.cancel();
        return;
      }
      case "CloseConnection":
      case "MessageError":
        this.#calling?.receive(message);
        this.#ending.begin();
        this.#finish();
        return;
      case "Reply":
      case "LocateReply":
        if (this.#calling !== undefined) {
          this.#calling.receive(message);
          return;
        }
        throw new GiopFault("unknownType", `a ${type} on a connection that is not bidirectional`);
    }
  }

  #request(message: GiopMessage): void {
    const { input, minor } = message;
    input.context = this.#env.context;
    const header = codecFor(minor).readRequestHeader(input);
    this.#habits.saw("Request", header.requestId, offersCallbacks(header));
    const request = new IiopRequest(header, objectKeyOf(header.target), message, this.#path);
    if (header.contexts.length > 0 && minor === 2) this.#learnListenPoints(header);
    const refusal = this.#agreeCodeSets(header) ?? this.#refuseWhenFull(input.remaining);
    if (request.answer !== "none") this.#owe(request);
    if (refusal !== undefined) {
      request.systemException(refusal);
      return;
    }
    input.charSet = this.#codeSets.charSet;
    input.wcharSet = this.#codeSets.wcharSet;
    input.noWchar = serverWithoutWchar;
    this.#handler.dispatch(request);
  }

  // Refused and not left unread: behind it may come the CancelRequests that make room again.
  #refuseWhenFull(octets: number): SystemException | undefined {
    const { maxRequestsInWork, maxQueuedOctets } = this.#env.settings;
    if (this.#owed.size < maxRequestsInWork && this.#owedOctets + octets <= maxQueuedOctets) {
      return undefined;
    }
    return new TRANSIENT(
      `${this.#owed.size} requests with ${this.#owedOctets} octets of this connection are in work already`,
      MINOR.requestDiscarded,
      Completion.no,
    );
  }

  #learnListenPoints(header: RequestHeader): void {
    const { bidirectional } = this.#env;
    if (!bidirectional.isAccepting) return;
    const context = findServiceContext(header.contexts, SERVICE_ID.bidirectionalIiop);
    if (context === undefined) return;
    const more = bidirectional.accept(context.data, this);
    this.#listenPoints = [...new Set([...this.#listenPoints, ...more])];
  }

  #agreeCodeSets(header: RequestHeader): SystemException | undefined {
    if (header.contexts.length === 0) return undefined;
    const context = findServiceContext(header.contexts, SERVICE_ID.codeSets);
    if (context === undefined) return undefined;
    let sets: CodeSets;
    try {
      sets = readCodeSetsContext(context.data);
    } catch (error) {
      return toSystemException(error, Completion.no);
    }
    const isCharKnown = sets.charSet === 0 || supportsCharSet(sets.charSet);
    const isWcharKnown = sets.wcharSet === 0 || supportsWcharSet(sets.wcharSet);
    if (!isCharKnown || !isWcharKnown) {
      const id = isCharKnown ? sets.wcharSet : sets.charSet;
      return new CODESET_INCOMPATIBLE(
        `the client names code set 0x${id.toString(16)}, which is not spoken here`,
        MINOR.codeSetUnsupported,
        Completion.no,
      );
    }
    // What was agreed on first holds as long as the connection.
    if (this.#named !== undefined && !isSame(this.#named, sets)) {
      return new MARSHAL(
        "the client names other code sets than before on this connection",
        MINOR.codeSetsChanged,
        Completion.no,
      );
    }
    this.#named = sets;
    this.#codeSets = {
      charSet: sets.charSet === 0 ? ASSUMED_CODE_SETS.charSet : sets.charSet,
      wcharSet: sets.wcharSet === 0 ? ASSUMED_CODE_SETS.wcharSet : sets.wcharSet,
    };
    return undefined;
  }

  #locate(message: GiopMessage): void {
    const question = new LocateRequest(message, this.#path);
    this.#habits.saw("LocateRequest", question.requestId, false);
    this.#owe(question);
    const refusal = this.#refuseWhenFull(0);
    if (refusal === undefined) this.#handler.locateInTurn(question);
    else question.systemException(refusal);
  }

  // Two under one id can neither be cancelled nor be told apart by the client: the earlier one is given up.
  #owe(request: Owed): void {
    this.#owed.get(request.requestId)?.cancel();
    this.#owed.set(request.requestId, request);
    this.#owedOctets += request.octets;
  }

  // Bad octets in a header leave no id to answer to: the stream itself cannot be trusted any more.
  #breach(error: unknown): void {
    this.#env.log.warn("a client broke the protocol; the connection is closed", {
      peer: this.peer,
      error,
    });
    this.#out.reset();
    beginMessage(this.#out, "MessageError", this.#highestMinor);
    this.#send(endMessage(this.#out));
    this.#outbox.flush();
    this.#ending.begin();
    this.#finish();
  }

  #sayGoodbye(): void {
    const isQueued = this.#outbox.queuedOctets > 0;
    const quietMs = isQueued ? 0 : this.#env.clock.nowMs() - this.#sentAtMs;
    beginMessage(this.#out, "CloseConnection", this.#highestMinor);
    this.#send(endMessage(this.#out));
    this.#outbox.flush();
    this.#ending.reset(quietMs);
    this.#finish();
  }

  #gone(): void {
    this.#ending.finished();
    this.#finish();
  }

  #finish(): void {
    if (this.#step === "closed") return;
    this.#step = "closed";
    this.#drainTimer?.cancel();
    this.#ended(this);
    this.#env.bidirectional.forget(this.#listenPoints, this);
    this.#calling?.closed();
    for (const request of this.#owed.takeAll()) request.cancel();
  }
}
