import { type Clock, Deadline, type Expiring, type Logger, TimerQueue } from "../base/index.ts";
import {
  type CdrContext,
  CdrInput,
  CdrOutput,
  decapsulate,
  serverWithoutWchar,
} from "../cdr/index.ts";
import {
  Completion,
  IMP_LIMIT,
  INTERNAL,
  MINOR,
  SystemException,
  TIMEOUT,
  toSystemException,
} from "../exception/index.ts";
import {
  findServiceContext,
  type ReplyStatus,
  SERVICE_ID,
  type ServiceContext,
  type Target,
} from "../giop/index.ts";
import type {
  Arrival,
  Caller,
  DispatchGate,
  FtRequest,
  Outcome,
  ServerFlow,
  Upcall,
} from "../hook/index.ts";
import { Answers, ENTRANCE, type ServerRequest } from "../iiop/index.ts";
import type { Ior, TaggedProfile } from "../ior/index.ts";

import { WatchedRequest } from "../manager/index.ts";
import { isThenable } from "./inside.ts";
import type { ObjectId } from "./object-id.ts";
import type { Servant } from "./servant.ts";

const ALIGNMENT = 8;
const NO_CONTEXTS: readonly ServiceContext[] = [];

/** What a gate needs of its POA. */
export interface GatedHost {
  readonly path: readonly string[];
  readonly clock: Clock;
  readonly context: CdrContext;
  /** Milliseconds a gate may keep an arrival. */
  readonly deadlineMs: number;
  readonly log: Logger;
  /** Of an object, active or not. */
  reference(id: ObjectId): Ior;
  profiles(): readonly TaggedProfile[];
  /** Lets those who look at requests look at one that came by the gate alone; undefined when they answered it. */
  watched(request: ServerRequest, id: ObjectId): ServerRequest | undefined;
  /** Finds the servant and calls it: one answer, then one call of `done`. */
  begin(request: ServerRequest, id: ObjectId, done: () => void): void;
}

/** The way of requests through a POA's dispatch gate, and of arrivals to its servants. */
export class Gated {
  readonly #gate: DispatchGate;
  readonly #host: GatedHost;
  /** What looks at the requests that arrivals were made of here. */
  readonly #flows = new WeakMap<Arrival, ServerFlow>();
  readonly #expiries: TimerQueue;

  constructor(gate: DispatchGate, host: GatedHost) {
    this.#gate = gate;
    this.#host = host;
    this.#expiries = new TimerQueue(host.clock, host.deadlineMs);
    const { path } = host;
    const upcall: Upcall = (arrival) => {
      const request = new ArrivalRequest(arrival, host.context);
      const watched = this.#watched(request, arrival);
      if (watched === undefined) request.finished();
      else host.begin(watched, arrival.objectId, () => request.finished());
      return request.outcome();
    };
    gate.attach(upcall, {
      path,
      reference: (id) => host.reference(id),
      profiles: () => host.profiles(),
    });
  }

  activated(id: ObjectId, servant: Servant): void {
    this.#gate.activated?.(id, servant);
  }

  deactivated(id: ObjectId): void {
    this.#gate.deactivated?.(id);
  }

  /** The POA is gone. */
  detach(): void {
    this.#expiries.close();
    this.#gate.detach?.();
  }

  // An arrival that comes back goes on as what it was; one from elsewhere, or the same once more, is a request anew.
  #watched(request: ArrivalRequest, arrival: Arrival): ServerRequest | undefined {
    const flow = this.#flows.get(arrival);
    if (flow === undefined) return this.#host.watched(request, arrival.objectId);
    this.#flows.delete(arrival);
    return new WatchedRequest(request, flow);
  }

  /** Leads to one answer, then to one call of `done`. */
  admit(request: ServerRequest, id: ObjectId, done: () => void): void {
    const { clock, deadlineMs } = this.#host;
    let outcome: Outcome | Promise<Outcome>;
    try {
      const passed = this.#gate.pass?.(request.contexts, id);
      if (passed !== undefined) {
        this.#host.begin(request, id, () => {
          passed();
          done();
        });
        return;
      }
      const arrival = arrivalOf(request, id, this.#host.path);
      if (request instanceof WatchedRequest) this.#flows.set(arrival, request.flow);
      outcome = this.#gate.admit(arrival, Deadline.after(clock, deadlineMs));
    } catch (thrown) {
      finish(() => this.#failed(request, thrown), done);
      return;
    }
    if (isThenable(outcome)) this.#later(outcome as Promise<Outcome>, request, done);
    else finish(() => this.#answer(request, outcome as Outcome), done);
  }

  #failed(request: ServerRequest, thrown: unknown): void {
    const { operation } = request;
    const { log, path } = this.#host;
    if (!(thrown instanceof SystemException)) {
      log.error("a dispatch gate failed", { operation, poa: path.join("/"), error: thrown });
    }
    request.systemException(toSystemException(thrown, Completion.maybe));
  }

  #answer(request: ServerRequest, outcome: Outcome): void {
    try {
      answer(request, outcome);
    } catch (thrown) {
      this.#failed(request, thrown);
    }
  }

  #later(outcome: Promise<Outcome>, request: ServerRequest, done: () => void): void {
    let isOver = false;
    const end = (act: () => void): void => {
      if (isOver) return;
      isOver = true;
      expiry.cancel();
      finish(act, done);
    };
    const waiting: Expiring = {
      expire: () => end(() => this.#failed(request, this.#late(request))),
    };
    const expiry = this.#expiries.add(waiting, this.#host.clock.nowMs());
    void outcome.then(
      (value) => end(() => this.#answer(request, value)),
      (thrown: unknown) => end(() => this.#failed(request, thrown)),
    );
  }

  #late({ operation }: ServerRequest): TIMEOUT {
    const { deadlineMs } = this.#host;
    const text = `${operation}: the dispatch gate gave no outcome within ${deadlineMs} ms (orb.deadlineMs)`;
    return new TIMEOUT(text, MINOR.gateExpired, Completion.maybe);
  }
}

/** Whatever goes wrong with the answer, a request that is over does not keep its POA waiting. */
function finish(answering: () => void, done: () => void): void {
  try {
    answering();
  } finally {
    done();
  }
}

function answer(request: ServerRequest, outcome: Outcome): void {
  switch (outcome.kind) {
    case "reply":
      request.raw(outcome.status, outcome.body, outcome.contexts);
      return;
    case "forward":
      request.forward(outcome.to, outcome.permanent, outcome.contexts);
      return;
    case "none":
      if (request.answer === "full") {
        const text = `${request.operation}: the dispatch gate gave no reply, and one is expected`;
        request.systemException(new INTERNAL(text, MINOR.none, Completion.maybe));
      } else {
        request.result(() => undefined);
      }
      return;
    default:
      throw new TypeError(
        `the dispatch gate's outcome is a reply, a forward or none, not ${JSON.stringify(outcome)}`,
      );
  }
}

/** @throws IMP_LIMIT for fragments of GIOP 1.1 that cannot be joined without knowing the types */
function arrivalOf(request: ServerRequest, id: ObjectId, path: readonly string[]): Arrival {
  const { contexts, input, giopMinor } = request;
  return {
    adapter: path,
    objectId: id.slice(),
    operation: request.operation,
    caller: callerOf(request),
    encoding: {
      version: giopMinor,
      littleEndian: input.littleEndian,
      charSet: input.charSet,
      wcharSet: input.wcharSet,
    },
    contexts: contexts.map(({ id: contextId, data }) => ({ id: contextId, data: data.slice() })),
    body: bodyOf(input, giopMinor),
    priority: priorityOf(contexts),
    replyExpected: request.answer !== "none",
  };
}

/** The arguments as `Encoding` describes them. */
function bodyOf(input: CdrInput, giopMinor: number): Uint8Array {
  const length = input.remaining;
  if (giopMinor === 2) return input.octets(length).slice();
  const offset = input.position % ALIGNMENT;
  const body = new Uint8Array(ALIGNMENT + offset + length);
  body[0] = ALIGNMENT + offset;
  body.set(input.octets(length), ALIGNMENT + offset);
  // Fragments of 1.1 align anew; only where they are cut as if they did not are they one piece.
  if ((input.position - offset - length) % ALIGNMENT === 0) return body;
  const text = "a request in fragments of GIOP 1.1 that do not keep the alignment of its data";
  throw new IMP_LIMIT(text, MINOR.none, Completion.no);
}

function inputOf({ encoding, body }: Arrival, context: CdrContext): CdrInput {
  const { version, littleEndian, charSet, wcharSet } = encoding;
  return new CdrInput(body, {
    littleEndian,
    giopMinor: version,
    charSet,
    wcharSet,
    context,
    noWchar: serverWithoutWchar,
    position: version === 2 ? 0 : (body[0] ?? 0),
  });
}

function callerOf({ contexts, connectionId, requestId, client }: ServerRequest): Caller {
  const ftRequest = ftRequestOf(contexts);
  const groupVersion = groupVersionOf(contexts);
  // Most have neither or both; objects put together of others cost much more.
  if (ftRequest === undefined && groupVersion === undefined)
    return { connectionId, requestId, client };
  if (ftRequest !== undefined && groupVersion !== undefined)
    return { connectionId, requestId, client, ftRequest, groupVersion };
  return {
    connectionId,
    requestId,
    client,
    ...(ftRequest === undefined ? {} : { ftRequest }),
    ...(groupVersion === undefined ? {} : { groupVersion }),
  };
}

function groupVersionOf(contexts: readonly ServiceContext[]): number | undefined {
  const context = findServiceContext(contexts, SERVICE_ID.ftGroupVersion);
  return context === undefined ? undefined : decapsulate(context.data, (input) => input.ulong());
}

function ftRequestOf(contexts: readonly ServiceContext[]): FtRequest | undefined {
  const context = findServiceContext(contexts, SERVICE_ID.ftRequest);
  if (context === undefined) return undefined;
  const telling = findServiceContext(contexts, SERVICE_ID.ftAnswered);
  const answered =
    telling === undefined ? undefined : decapsulate(telling.data, (input) => input.long());
  return decapsulate(context.data, (input) => ({
    clientId: input.string(),
    retentionId: input.long(),
    expirationTime: input.ulonglong(),
    answered,
  }));
}

function priorityOf(contexts: readonly ServiceContext[]): number | undefined {
  const context = findServiceContext(contexts, SERVICE_ID.rtCorbaPriority);
  return context === undefined ? undefined : decapsulate(context.data, (input) => input.short());
}

/** An arrival on its way to a servant: answers become its outcome. */
class ArrivalRequest extends Answers implements ServerRequest {
  // Declared alone: the engine defines fields of many classes with one base at many times the cost of setting them.
  declare readonly objectKey: Uint8Array;
  declare readonly target: Target;
  declare readonly operation: string;
  declare readonly contexts: readonly ServiceContext[];
  declare readonly giopMinor: 0 | 1 | 2;
  declare readonly input: CdrInput;
  declare readonly peer: string;
  declare readonly answer: "none" | "full";
  declare readonly requestId: number;
  declare readonly connectionId: string;
  declare readonly client: ServerRequest["client"];
  declare readonly entrance: number;
  readonly #arrival: Arrival;
  readonly #context: CdrContext;
  #outcome: Outcome | undefined;
  #settle: ((outcome: Outcome) => void) | undefined;
  #abort: AbortController | undefined;

  constructor(arrival: Arrival, context: CdrContext) {
    super();
    this.objectKey = arrival.objectId;
    this.target = { by: "key", objectKey: arrival.objectId };
    this.operation = arrival.operation;
    this.contexts = arrival.contexts;
    this.giopMinor = arrival.encoding.version;
    this.input = inputOf(arrival, context);
    this.peer = arrival.caller.connectionId;
    this.answer = arrival.replyExpected ? "full" : "none";
    this.requestId = arrival.caller.requestId;
    this.connectionId = arrival.caller.connectionId;
    this.client = arrival.caller.client ?? "doubtful";
    this.entrance = ENTRANCE.inside;
    this.#arrival = arrival;
    this.#context = context;
  }

  /** Never aborted: what a group executes does not end because one client is gone. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  outcome(): Outcome | Promise<Outcome> {
    return this.#outcome ?? new Promise((resolve) => (this.#settle = resolve));
  }

  /** The upcall has ended. */
  finished(): void {
    this.#end({ kind: "none" });
  }

  override forward(
    to: Ior,
    permanent: boolean,
    contexts: readonly ServiceContext[] = NO_CONTEXTS,
  ): void {
    this.#end({ kind: "forward", to, permanent, contexts });
  }

  protected override _answer(
    status: ReplyStatus,
    write: (out: CdrOutput) => void,
    contexts: readonly ServiceContext[],
  ): void {
    if (this.answer === "none" || this.#outcome !== undefined) return;
    const { version, charSet, wcharSet } = this.#arrival.encoding;
    const out = new CdrOutput({
      giopMinor: version,
      charSet,
      wcharSet,
      context: this.#context,
      noWchar: serverWithoutWchar,
    });
    write(out);
    this.#end({ kind: "reply", status, body: out.finish(), contexts });
  }

  #end(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#settle?.(outcome);
  }
}
