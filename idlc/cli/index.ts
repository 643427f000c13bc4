export { diskReader } from "./disk.ts";
export { Incremental, type IncrementalCompiler } from "./incremental.ts";
export type { Output } from "./report.ts";
export { run, type RunOptions, STANDARD_IDL } from "./run.ts";
