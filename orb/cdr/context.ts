import type { CdrInput } from "./input.ts";
import type { StreamOptions } from "./options.ts";
import type { CdrOutput } from "./output.ts";
import type { ReferenceReader, ReferenceWriter } from "./references.ts";

/** What a stream needs to know of the ORB: how references become octets and come back. */
export interface CdrContext extends ReferenceWriter<CdrOutput>, ReferenceReader<CdrInput> {}

/** Options that fit an output as well as an input. */
export interface CdrOptions extends StreamOptions {
  /** Left out: object references can be neither written nor read. */
  readonly context?: CdrContext;
}
