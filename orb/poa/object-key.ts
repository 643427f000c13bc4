import { asBuffer, KnownTexts } from "../base/index.ts";

/**
 * Our object keys: `OW`, then `P`, or `T` and eight octets that name this run of the ORB, then the POA
 * names from below the RootPOA, each ended by NUL, one more NUL, and the object id.
 */
export type KeyPlace =
  /** `adapter` names a POA of this run or a persistent one; the object id starts at `idAt`. */
  | { readonly kind: "adapter"; readonly adapter: string; readonly idAt: number }
  /** A key of ours, made for a transient object by another run. */
  | { readonly kind: "otherRun" }
  /** Not of our making: a plain key, or another ORB's. */
  | { readonly kind: "foreign" };

const MAGIC_O = 0x4f;
const MAGIC_W = 0x57;
const KIND_PERSISTENT = 0x50;
const KIND_TRANSIENT = 0x54;
/** Octets of the name of one run. */
export const RUN_OCTETS: number = 8;
const TRANSIENT_HEAD = 3 + RUN_OCTETS;

/** Of POAs whose keys came before. */
const adapters = new KnownTexts();

/** All of a key before the object id. `run` only for transient POAs. */
export function keyPrefix(path: readonly string[], run: Uint8Array | undefined): Uint8Array {
  const head =
    run === undefined
      ? Buffer.from([MAGIC_O, MAGIC_W, KIND_PERSISTENT])
      : Buffer.concat([Buffer.from([MAGIC_O, MAGIC_W, KIND_TRANSIENT]), run]);
  const names = path.map((name) => `${name}\0`).join("");
  return Buffer.concat([head, Buffer.from(`${names}\0`, "utf8")]);
}

/** The name under which a POA is kept: its key prefix, one character an octet. */
export function prefixName(prefix: Uint8Array): string {
  return asBuffer(prefix).toString("latin1");
}

function startsWith(key: Uint8Array, run: Uint8Array): boolean {
  for (let i = 0; i < RUN_OCTETS; i++) if (key[3 + i] !== run[i]) return false;
  return true;
}

/** Splits a key. Does not look whether the POA exists. */
export function readKey(key: Uint8Array, run: Uint8Array): KeyPlace {
  if (key.length < 4 || key[0] !== MAGIC_O || key[1] !== MAGIC_W) return { kind: "foreign" };
  let at = 3;
  if (key[2] === KIND_TRANSIENT) {
    if (key.length <= TRANSIENT_HEAD) return { kind: "foreign" };
    if (!startsWith(key, run)) return { kind: "otherRun" };
    at = TRANSIENT_HEAD;
  } else if (key[2] !== KIND_PERSISTENT) {
    return { kind: "foreign" };
  }
  while (at < key.length && key[at] !== 0) {
    while (at < key.length && key[at] !== 0) at++;
    at++;
  }
  if (at >= key.length) return { kind: "foreign" };
  return { kind: "adapter", adapter: adapters.of(key, 0, at + 1), idAt: at + 1 };
}

/** Names of the POAs from below the RootPOA to the one that `adapter` of a {@link KeyPlace} names. */
export function pathOf(adapter: string): readonly string[] {
  const head = adapter.charCodeAt(2) === KIND_PERSISTENT ? 3 : TRANSIENT_HEAD;
  const names = Buffer.from(adapter, "latin1").toString("utf8", head).split("\0");
  // The last name is ended by NUL, and so is the list.
  return names.slice(0, -2);
}
