/**
 * A request as the group sees it: octets, and a name by which its repetitions are known.
 * FT_REQUEST gives the name where a client sends it (CORBA 3.3 Part 2, FT 23.2.9: client id and retention id); for any
 * other request whoever read it makes one, so that members may send it to each other as often as they like.
 */
export interface Request {
  /** Its caller's name and a number; unlike that of any other request, the same for all repetitions. */
  readonly id: string;
  /** After this instant nobody repeats it; on the clock of `step`. */
  readonly expiresMs: number;
  /** Its caller waits for no answer to a request with a number before this one, and repeats none. */
  readonly answered: number | undefined;
  /** Changes nothing: executed by the primary only, unordered, and not in the log. */
  readonly isRead: boolean;
  readonly body: Uint8Array;
}

/** What became of a request that only the primary executed. */
export interface Done extends Named {
  readonly outcome: Uint8Array;
}

/** What an operation of the log has others do. */
export type Work =
  /** Execute; `decisions` are the primary's, for what is not determined by the request alone. */
  | {
      readonly kind: "request";
      readonly request: Request;
      readonly decisions: Uint8Array | undefined;
    }
  /** Take over what the primary's execution of these requests changed. */
  | { readonly kind: "update"; readonly update: Uint8Array; readonly done: readonly Done[] };

/** An operation with its place in the group's history. */
export interface Entry {
  readonly op: number;
  /** View in which it was ordered: equal `op` and `view` mean the same entry. */
  readonly view: number;
  /** The primary's clock, never before that of the entry before: the group's only time. */
  readonly atMs: number;
  readonly work: Work;
}

/** A request an entry brings to its end. */
export interface Named {
  readonly id: string;
  readonly expiresMs: number;
  readonly answered: number | undefined;
}

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;

/** Where the number of an id begins: a sign and digits at its end. */
function numberAt(id: string): number {
  let at = id.length;
  for (; at > 0; at--) {
    const code = id.charCodeAt(at - 1);
    if (code < ZERO || code > NINE) break;
  }
  return at > 0 && at < id.length && id.charCodeAt(at - 1) === MINUS ? at - 1 : at;
}

/** Of an id: whose request it is. */
export function nameOf(id: string): string {
  return id.slice(0, numberAt(id));
}

/** Of an id: which of its caller's requests it is. */
export function numberOf(id: string): number {
  return Number(id.slice(numberAt(id)));
}

/** Of two numbers of one caller: they grow, and those of FT_REQUEST begin anew at the end of 32 bits. */
export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

export function requestsOf({ work }: Entry): readonly Named[] {
  return work.kind === "request" ? [work.request] : work.done;
}

/** What an entry weighs in the log's limits. */
export function octetsOf({ work }: Entry): number {
  if (work.kind === "request")
    return work.request.body.length + (work.decisions?.length ?? 0) + work.request.id.length;
  let octets = work.update.length;
  for (const { outcome, id } of work.done) octets += outcome.length + id.length;
  return octets;
}
