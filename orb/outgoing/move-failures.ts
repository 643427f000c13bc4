import { BAD_INV_ORDER, Completion, MINOR, TRANSIENT } from "../exception/index.ts";

export function movingAlready(place: string): BAD_INV_ORDER {
  const text = `the calls to ${place} are being moved already`;
  return new BAD_INV_ORDER(text, MINOR.none, Completion.no);
}

/** Nobody serves calls where they were to go. */
export function unreached(what: string, cause: unknown): TRANSIENT {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TRANSIENT(`${what}: ${why}`, MINOR.connectFailed, Completion.no, { cause });
}
