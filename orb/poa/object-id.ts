import { asBuffer } from "../base/index.ts";

/** An object id: octets, unique within one POA. */
export type ObjectId = Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The id whose octets are the UTF-8 of `text`. */
export function string_to_ObjectId(text: string): ObjectId {
  return encoder.encode(text);
}

/** @throws TypeError when the octets are no UTF-8 */
export function ObjectId_to_string(id: ObjectId): string {
  return decoder.decode(id);
}

/** A map key for an id. */
export function idName(id: ObjectId): string {
  return asBuffer(id).toString("latin1");
}
