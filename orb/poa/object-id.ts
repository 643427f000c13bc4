import { asBuffer } from "../base/index.ts";
import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";

/** An object id: octets, unique within one POA. */
export type ObjectId = Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The id whose octets are the UTF-8 of `text`. @throws BAD_PARAM for half a surrogate pair, which has none */
export function string_to_ObjectId(text: string): ObjectId {
  if (/\p{Surrogate}/u.test(text)) {
    throw new BAD_PARAM(
      `${JSON.stringify(text)} holds half a surrogate pair`,
      MINOR.none,
      Completion.no,
    );
  }
  return encoder.encode(text);
}

/** @throws BAD_PARAM when the octets are no UTF-8 */
export function ObjectId_to_string(id: ObjectId): string {
  try {
    return decoder.decode(id);
  } catch (cause) {
    const text = `object id ${printableId(id)} is no text: its octets are no UTF-8`;
    throw new BAD_PARAM(text, MINOR.none, Completion.no, { cause });
  }
}

/** A map key for an id. */
export function idName(id: ObjectId): string {
  return asBuffer(id).toString("latin1");
}

/** An id for people: its text where it is one, else its octets in hexadecimal. */
export function printableId(id: ObjectId): string {
  const text = asBuffer(id).toString("latin1");
  return /^[\x20-\x7e]+$/.test(text) ? `"${text}"` : `0x${asBuffer(id).toString("hex")}`;
}

const COUNT_OCTETS = 6;

/** The ids that a POA with SYSTEM_ID makes: a count, behind the name of the run where they may outlive it. */
export class SystemIds {
  readonly #run: Buffer | undefined;
  #made = 0;

  /** @param run octets that tell this run of the ORB from every other; for a persistent POA, whose ids must not meet those of its earlier runs */
  constructor(run: Uint8Array | undefined) {
    this.#run = run === undefined ? undefined : Buffer.from(run);
  }

  next(): ObjectId {
    const count = Buffer.allocUnsafe(COUNT_OCTETS);
    count.writeUIntBE(++this.#made, 0, COUNT_OCTETS);
    return this.#run === undefined ? count : Buffer.concat([this.#run, count]);
  }

  /** Whether the POA may have made the id: of ids of an earlier run the form is all that is known. */
  mayHaveMade(id: ObjectId): boolean {
    const runOctets = this.#run?.length ?? 0;
    if (id.length !== runOctets + COUNT_OCTETS) return false;
    const octets = asBuffer(id);
    if (this.#run?.equals(octets.subarray(0, runOctets)) === false) return true;
    const count = octets.readUIntBE(runOctets, COUNT_OCTETS);
    return count >= 1 && count <= this.#made;
  }
}
