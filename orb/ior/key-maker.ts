import { asBuffer } from "../base/index.ts";

/** What an object key tells to who knows its maker. For people only: a key is its server's own. */
export interface KeyDescription {
  readonly maker: string;
  /** Whether the object outlives its server's process; undefined when the key does not say. */
  readonly lifespan: "persistent" | "transient" | undefined;
  /** Names of the POAs, from the one beneath the root on; undefined when the key does not say. */
  readonly adapters: readonly string[] | undefined;
}

const OURS_TRANSIENT_HEAD = 11;
/** Version, name, system or user ids, persistent or transient; then the length of the POAs' names. */
const TAO_HEAD = Buffer.from([0x14, 0x01, 0x0f, 0x00]);
const TAO_LENGTH_AT = 7;
const TAO_NAMES_AT = TAO_LENGTH_AT + 4 + 8;

function lifespanOf(letter: number | undefined): KeyDescription["lifespan"] {
  if (letter === 0x50) return "persistent";
  return letter === 0x54 ? "transient" : undefined;
}

function namesIn(octets: Buffer): string[] {
  return octets
    .toString("utf8")
    .split("\0")
    .filter((name) => name !== "");
}

/** `OWP` or `OWT` and the run, then names each ended by NUL, one more NUL, the object id. */
function ours(key: Buffer): KeyDescription {
  const lifespan = lifespanOf(key[2]);
  const start = lifespan === "transient" ? OURS_TRANSIENT_HEAD : 3;
  const end = key[start] === 0 ? start : key.indexOf("\0\0", start);
  return {
    maker: "Orbweaver",
    lifespan,
    adapters: namesIn(key.subarray(start, Math.max(end, start))),
  };
}

function tao(key: Buffer): KeyDescription {
  const lifespan = lifespanOf(key[6]);
  const length = key.length >= TAO_NAMES_AT ? key.readUInt32BE(TAO_LENGTH_AT) : 0;
  const end = TAO_LENGTH_AT + 4 + length;
  const isNamed = lifespan === "persistent" && end > TAO_NAMES_AT && end <= key.length;
  // The first is the RootPOA itself.
  const names = isNamed ? namesIn(key.subarray(TAO_NAMES_AT, end)) : undefined;
  return { maker: "TAO", lifespan, adapters: names?.slice(1) };
}

/** Which ORB made a key, where its form tells. */
export function describeKey(octets: Uint8Array): KeyDescription | undefined {
  const key = asBuffer(octets);
  if (key.length > 3 && key.subarray(0, 2).toString("latin1") === "OW") return ours(key);
  if (key.subarray(0, TAO_HEAD.length).equals(TAO_HEAD)) return tao(key);
  if (key[0] === 0xfe && key.length > 1) {
    return { maker: "omniORB", lifespan: "transient", adapters: undefined };
  }
  if (key[0] === 0xff && key.length > 1) {
    const names = namesIn(key.subarray(1));
    return { maker: "omniORB", lifespan: "persistent", adapters: names.slice(0, -1) };
  }
  return undefined;
}
