export {
  isEnumerator,
  readArray,
  readEnum,
  readMap,
  readOctetArray,
  readSequence,
  type Unlisted,
  unlisted,
  writeArray,
  writeEnum,
  writeMap,
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
export { Fixed } from "./fixed.ts";
export { CdrInput, type CdrInputOptions } from "./input.ts";
export { LongDouble } from "./longdouble.ts";
export {
  clientOfTargetWithoutWchar,
  clientWithoutWchar,
  type NoWchar,
  serverWithoutWchar,
} from "./no-wchar.ts";
export { type OperationContext, readContext, writeContext } from "./operation-context.ts";
export { type GiopMinor, MAX_NESTING, type StreamOptions } from "./options.ts";
export { CdrOutput, type CdrOutputOptions } from "./output.ts";
export { noContext, type ReferenceReader, type ReferenceWriter } from "./references.ts";
