import type { Endpoint } from "../../orb/index.ts";

/** What the thread of a pulse is started with. */
export interface PulseStart {
  /** Where it listens: the host and the port of the letters. */
  readonly at: Endpoint;
  /** Where others reach this host. */
  readonly own: string;
  /** When the main thread was there last, by {@link monotonicMs}. */
  readonly beatAtMs: Int32Array;
}

/** To the thread: the process at that address is to be asked. */
export interface PulseOrder {
  readonly address: string;
  readonly at: Endpoint;
}

/** From the thread: a process that was asked lives. */
export interface PulseNews {
  readonly address: string;
  readonly quietMs: number;
}

/** A datagram: `OGPU`, the version, which of the two it is, 8 octets that the answer repeats, and the rest. */
export type PulseDatagram =
  /** The rest: the address that is asked, for another process may have its port now. */
  | { readonly kind: "question"; readonly nonce: Uint8Array; readonly address: string }
  /** The rest: for how many milliseconds the main thread has said nothing, 4 octets, the lowest first. */
  | { readonly kind: "answer"; readonly nonce: Uint8Array; readonly quietMs: number };

export const NONCE_OCTETS = 8;
const MAGIC = Buffer.from("OGPU");
const VERSION = 1;
const QUESTION = 1;
const ANSWER = 2;
const NONCE_AT = MAGIC.length + 2;
const REST_AT = NONCE_AT + NONCE_OCTETS;
const ANSWER_OCTETS = REST_AT + 4;
/** An address is a host and a port. A question is never shorter than its answer: nobody is told more than it said. */
const LONGEST_QUESTION_OCTETS = 512;

export function encodeDatagram(datagram: PulseDatagram): Uint8Array {
  const isQuestion = datagram.kind === "question";
  const rest = isQuestion ? Buffer.from(datagram.address) : Buffer.alloc(4);
  if (!isQuestion) rest.writeUInt32LE(datagram.quietMs);
  const head = Buffer.from([VERSION, isQuestion ? QUESTION : ANSWER]);
  return Buffer.concat([MAGIC, head, datagram.nonce, rest]);
}

/** Undefined for what is none. */
export function decodeDatagram(octets: Buffer): PulseDatagram | undefined {
  if (!MAGIC.equals(octets.subarray(0, MAGIC.length)) || octets[MAGIC.length] !== VERSION)
    return undefined;
  const nonce = octets.subarray(NONCE_AT, REST_AT);
  const kind = octets[MAGIC.length + 1];
  if (kind === ANSWER && octets.length === ANSWER_OCTETS)
    return { kind: "answer", nonce, quietMs: octets.readUInt32LE(REST_AT) };
  const isFit = octets.length >= ANSWER_OCTETS && octets.length <= LONGEST_QUESTION_OCTETS;
  if (kind !== QUESTION || !isFit) return undefined;
  return { kind: "question", nonce, address: octets.toString("utf8", REST_AT) };
}

/** Milliseconds, the same in all threads of a process: 31 bits and a sign that differences survive. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds * 1_000 + Math.trunc(nanoseconds / 1_000_000)) | 0;
}
