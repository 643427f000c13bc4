export { Groups } from "./groups.ts";
export { type Card, type Content, decodeLetter, encodeLetter, type Letter } from "./letter.ts";
export {
  decodeEntry,
  decodeHead,
  decodeWitness,
  encodeEntry,
  encodeHead,
  encodeWitness,
  type StoredHead,
  type StoredWitness,
} from "./stored.ts";
