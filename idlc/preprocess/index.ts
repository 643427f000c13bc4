export { preprocess } from "./preprocessor.ts";
export type { PreprocessOptions } from "./preprocessor.ts";
export type { PpToken, PragmaDirective } from "./token.ts";
