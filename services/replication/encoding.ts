import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import type { Arrival, Outcome } from "../../orb/index.ts";
import type { Named, Request } from "../history/index.ts";
import {
  readDecisions,
  readOutcome,
  readRequest,
  type Request as PackedRequest,
  writeDecisions,
  writeOutcome,
  writeRequest,
} from "./gen/Replication.ts";

const ORDER = { littleEndian: true } as const;

/** More than a primary has under way; what is read elsewhere is forgotten. */
const MOST_WRITTEN = 256;
/** Reading large ones costs little beside what is done with them, and they are not kept a moment longer. */
const LARGEST_OCTETS = 16_384;

/** Of arguments so long servants may be given views, and change them: they are put into octets before. */
const VIEWED_OCTETS = 1_024;
const NOTHING: Uint8Array = new Uint8Array();

/** What octets were made of here and are still to be read: a primary need not read out of them what it has just written. */
class Written<T> {
  readonly #octets: Uint8Array[] = [];
  readonly #values: T[] = [];

  add(octets: Uint8Array, value: T): void {
    if (octets.length > LARGEST_OCTETS) return;
    this.#octets.push(octets);
    this.#values.push(value);
    if (this.#octets.length <= MOST_WRITTEN) return;
    this.#octets.shift();
    this.#values.shift();
  }

  /** Once. */
  take(octets: Uint8Array): T | undefined {
    const at = this.#octets.indexOf(octets);
    if (at < 0) return undefined;
    if (at === 0) {
      this.#octets.shift();
      return this.#values.shift();
    }
    this.#octets.splice(at, 1);
    return this.#values.splice(at, 1)[0];
  }
}

const OUTCOMES = new Written<Outcome>();
/** Written into again and again. */
const SCRATCH = new CdrOutput(ORDER);

const SLAB_OCTETS = 16_384;

/**
 * Copies what is written into memory that those share which are kept for as long: one of them keeps all of it, and an
 * outcome stays for half a minute. Node's own pool is shared with what is gone after the call.
 */
class Kept {
  #slab: Buffer = Buffer.alloc(0);
  #at = 0;

  copy(out: CdrOutput): Uint8Array {
    const written = out.finish();
    const { length } = written;
    if (length * 2 > SLAB_OCTETS) return new Uint8Array(written);
    if (this.#at + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_OCTETS);
      this.#at = 0;
    }
    const octets = this.#slab.subarray(this.#at, this.#at + length);
    octets.set(written);
    this.#at += length;
    return octets;
  }
}

/** In the log of the group, and what is known of requests for as long as they may be repeated. */
const IN_LOG = new Kept();
const IN_REPLIES = new Kept();

/** What was written, in memory that lives as long as the log. */
export function keptInLog(out: CdrOutput): Uint8Array {
  return IN_LOG.copy(out);
}

/** A request as octets: everything a replica needs that did not read it itself. */
export function packArrival(arrival: Arrival): Uint8Array {
  const { caller, encoding } = arrival;
  const { ftRequest } = caller;
  const repeated: PackedRequest["repeated"] =
    ftRequest === undefined
      ? []
      : [
          {
            client_id: ftRequest.clientId,
            retention_id: ftRequest.retentionId,
            expiration_time: ftRequest.expirationTime,
          },
        ];
  const out = SCRATCH;
  out.reset();
  writeRequest(out, {
    adapter: arrival.adapter,
    object_id: arrival.objectId,
    operation: arrival.operation,
    connection_id: caller.connectionId,
    request_id: caller.requestId,
    repeated,
    version: encoding.version,
    little_endian: encoding.littleEndian,
    char_set: encoding.charSet,
    wchar_set: encoding.wcharSet,
    service_contexts: arrival.contexts,
    body: arrival.body,
    priority: arrival.priority === undefined ? [] : [arrival.priority],
    reply_expected: arrival.replyExpected,
  });
  return IN_LOG.copy(out);
}

/** @throws MARSHAL when the octets are no request */
export function unpackArrival(octets: Uint8Array): Arrival {
  const read = readRequest(new CdrInput(octets, ORDER));
  return {
    adapter: read.adapter,
    objectId: read.object_id,
    operation: read.operation,
    caller: callerOf(read),
    encoding: {
      version: read.version as Arrival["encoding"]["version"],
      littleEndian: read.little_endian,
      charSet: read.char_set,
      wcharSet: read.wchar_set,
    },
    contexts: read.service_contexts,
    body: read.body,
    priority: read.priority[0],
    replyExpected: read.reply_expected,
  };
}

function callerOf({ repeated, connection_id, request_id }: PackedRequest): Arrival["caller"] {
  const [named] = repeated;
  if (named === undefined) return { connectionId: connection_id, requestId: request_id };
  const { client_id: clientId, retention_id: retentionId, expiration_time: expirationTime } = named;
  return {
    connectionId: connection_id,
    requestId: request_id,
    ftRequest: { clientId, retentionId, expirationTime },
  };
}

/**
 * A request that came to this process. Its octets are made when somebody wants them: a primary that executes it by itself, and
 * tells the others what changed, does not, nor does one that reads.
 */
export class AdmittedRequest implements Request {
  readonly id: string;
  readonly expiresMs: number;
  readonly answered: number | undefined;
  readonly isRead: boolean;
  #arrival: Arrival | undefined;
  #body: Uint8Array | undefined;
  #isExecuted = false;

  constructor({ id, expiresMs, answered }: Named, isRead: boolean, arrival: Arrival) {
    this.id = id;
    this.expiresMs = expiresMs;
    this.answered = answered;
    this.isRead = isRead;
    const { length } = arrival.body;
    if (length >= VIEWED_OCTETS) this.#body = packArrival(arrival);
    if (length <= LARGEST_OCTETS) this.#arrival = arrival;
  }

  get body(): Uint8Array {
    if (this.#body === undefined && this.#arrival !== undefined) {
      this.#body = packArrival(this.#arrival);
      this.#forget();
    }
    return this.#body ?? NOTHING;
  }

  /** What is to be executed. */
  get arrival(): Arrival {
    const arrival = this.#arrival ?? unpackArrival(this.body);
    this.#isExecuted = true;
    this.#forget();
    return arrival;
  }

  /** Once there are octets and it was executed it is of no more use, and the log keeps its requests for long. */
  #forget(): void {
    if (this.#isExecuted && this.#body !== undefined) this.#arrival = undefined;
  }
}

/** @throws MARSHAL when its octets are no request */
export function arrivalOf(request: Request): Arrival {
  return request instanceof AdmittedRequest ? request.arrival : unpackArrival(request.body);
}

export function packOutcome(outcome: Outcome): Uint8Array {
  const out = SCRATCH;
  out.reset();
  if (outcome.kind === "none") writeOutcome(out, { $d: "OUTCOME_NONE", nothing: true });
  else if (outcome.kind === "reply") {
    const { status, body, contexts } = outcome;
    writeOutcome(out, { $d: "OUTCOME_REPLY", made: { status, body, service_contexts: contexts } });
  } else {
    const { to, permanent, contexts } = outcome;
    const { typeId, profiles } = to;
    writeOutcome(out, {
      $d: "OUTCOME_FORWARD",
      elsewhere: { type_id: typeId, profiles, permanent, service_contexts: contexts },
    });
  }
  const octets = IN_REPLIES.copy(out);
  OUTCOMES.add(octets, outcome);
  return octets;
}

/** @throws MARSHAL when the octets are no outcome */
export function unpackOutcome(octets: Uint8Array): Outcome {
  const made = OUTCOMES.take(octets);
  if (made !== undefined) return made;
  const read = readOutcome(new CdrInput(octets, ORDER));
  if (read.$d === "OUTCOME_NONE") return { kind: "none" };
  if (read.$d === "OUTCOME_REPLY") {
    const { status, body, service_contexts: contexts } = read.made;
    return { kind: "reply", status, body, contexts } as Outcome;
  }
  const { type_id: typeId, profiles, permanent, service_contexts: contexts } = read.elsewhere;
  return { kind: "forward", to: { typeId, profiles }, permanent, contexts };
}

/** @param atMs the primary's clock when it executed */
export function packDecisions(atMs: number, choices: readonly Uint8Array[]): Uint8Array {
  const out = SCRATCH;
  out.reset();
  writeDecisions(out, { at_ms: atMs, choices });
  return IN_LOG.copy(out);
}

/** @throws MARSHAL when the octets are no decisions */
export function unpackDecisions(octets: Uint8Array): {
  readonly atMs: number;
  readonly choices: readonly Uint8Array[];
} {
  const { at_ms: atMs, choices } = readDecisions(new CdrInput(octets, ORDER));
  return { atMs, choices };
}
