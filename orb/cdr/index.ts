export {
  readArray,
  readEnum,
  readOctetArray,
  readSequence,
  writeArray,
  writeEnum,
  writeOctetArray,
  writeSequence,
} from "./collections.ts";
export {
  CodeSet,
  type CodeSetComponent,
  type CodeSetComponentInfo,
  type CodeSets,
  DEFAULT_CODE_SETS,
  negotiateCodeSets,
  OWN_CODE_SETS,
  supportsCharSet,
  supportsWcharSet,
} from "./codeset.ts";
export type { CdrContext, CdrOptions } from "./context.ts";
export { decapsulate, encapsulate } from "./encapsulation.ts";
export { CdrInput, type CdrInputOptions } from "./input.ts";
export {
  clientOfTargetWithoutWchar,
  clientWithoutWchar,
  type NoWchar,
  serverWithoutWchar,
} from "./no-wchar.ts";
export { type GiopMinor, MAX_NESTING, type StreamOptions } from "./options.ts";
export { CdrOutput, type CdrOutputOptions } from "./output.ts";
export { noContext, type ReferenceReader, type ReferenceWriter } from "./references.ts";
