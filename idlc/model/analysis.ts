import type { Diagnostic } from "../source/index.ts";
import type { Model } from "./model.ts";

export interface AnalyzeOptions {
  /** Folders searched by `#include`, in order. */
  readonly includeDirs?: readonly string[];
  /** `NAME` or `NAME=VALUE`, as given to `-D`. */
  readonly defines?: readonly string[];
}

export interface Analysis {
  /** Absent when there is an error among the diagnostics. */
  readonly model?: Model;
  readonly diagnostics: readonly Diagnostic[];
}
