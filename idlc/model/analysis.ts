import { check } from "../check/index.ts";
import { lex } from "../lex/index.ts";
import { parse } from "../parse/index.ts";
import { type PpToken, preprocess } from "../preprocess/index.ts";
import { type Diagnostic, Diagnostics, type SourceReader } from "../source/index.ts";
import { buildDeclarations } from "./build.ts";
import { hasReplyHandling } from "./handlers.ts";
import type { Model } from "./model.ts";

export interface AnalyzeOptions {
  /** Folders searched by `#include`, in order. */
  readonly includeDirs?: readonly string[];
  /** `NAME` or `NAME=VALUE`, as given to `-D`. */
  readonly defines?: readonly string[];
  /** Folders searched by `#include` after all others. */
  readonly systemDirs?: readonly string[];
  /**
   * Folders of the compiler's own standard IDL, the system folders without it: what they declare is
   * imported from `orbweaver/idl`, not written.
   */
  readonly standardDirs?: readonly string[];
  /**
   * The version of IDL: under 3, words that IDL 4 added are names; under 4 they are keywords. Without
   * it both are taken as the files use them, with a warning.
   */
  readonly level?: 3 | 4;
  /** Asynchronous calls are wanted: Messaging.idl is read, too. */
  readonly ami?: boolean;
}

export interface Analysis {
  /** Absent when there is an error among the diagnostics. */
  readonly model?: Model;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads IDL and checks it: everything from the source to the model. All files share one global
 * scope; a file that several main files include counts once.
 */
export function analyze(
  mainFiles: readonly string[],
  options: AnalyzeOptions,
  reader: SourceReader,
): Analysis {
  const diagnostics = new Diagnostics();
  const source = preprocess(mainFiles, options, reader, diagnostics);
  const needed = impliedBy(source, options);
  const again = new Diagnostics();
  const used =
    needed.length > 0
      ? {
          source: preprocess(mainFiles, { ...options, implied: needed }, reader, again),
          to: again,
        }
      : { source, to: diagnostics };
  return analyzeTokens(used.source, used.to, mainFiles, options);
}

function analyzeTokens(
  source: readonly PpToken[],
  diagnostics: Diagnostics,
  mainFiles: readonly string[],
  options: AnalyzeOptions,
): Analysis {
  const { level, ami } = options;
  const members = check(parse(lex(source, diagnostics), diagnostics, level), diagnostics, level);
  if (diagnostics.errorCount > 0) return { diagnostics: diagnostics.sorted() };
  let made: Model | undefined;
  const modelOf = (): Model => (made ??= { members: buildDeclarations(members), mainFiles });
  if (ami === true && !hasReplyHandling(modelOf())) {
    diagnostics.error("file-not-found", withoutMessaging(options), undefined);
    return { diagnostics: diagnostics.sorted() };
  }
  return {
    diagnostics: diagnostics.sorted(),
    // Made when asked for: who only checks does not.
    get model(): Model {
      return modelOf();
    },
  };
}

function withoutMessaging({ includeDirs = [], systemDirs = [] }: AnalyzeOptions): string {
  const folders = [...includeDirs, ...systemDirs].join(", ");
  const where =
    folders === "" ? "there are no folders for #include" : `there is none in ${folders}`;
  return `asynchronous calls (--ami, \`ami: true\`) need Messaging.idl, which declares Messaging::ReplyHandler, and ${where}; it is in idl/omg of this package`;
}

/** Files that are read before all. */
function impliedBy(source: readonly PpToken[], { ami }: AnalyzeOptions): readonly string[] {
  if (ami === true) return ["<Messaging.idl>"];
  return usesCorba(source) ? ["<orb.idl>"] : [];
}

/** Names of module CORBA that the compiler knows by itself. */
const BUILT_IN: ReadonlySet<string> = new Set([
  "TypeCode",
  "AbstractBase",
  "Principal",
  "UserException",
]);

/** Whether names of module CORBA are used that no file declares; orb.idl is then read before all. */
function usesCorba(source: readonly PpToken[]): boolean {
  let isUsed = false;
  for (let i = 0; i < source.length; i++) {
    if (source[i]?.text !== "CORBA" || source[i]?.kind !== "word") continue;
    if (source[i - 1]?.text === "module") return false;
    const isName = source[i + 1]?.text === "::" && !BUILT_IN.has(source[i + 2]?.text ?? "");
    isUsed ||= isName;
  }
  return isUsed;
}
