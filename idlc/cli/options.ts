import { parseArgs } from "node:util";

export const USAGE: string = `Usage: idlc [options] file...

Compiles OMG IDL to TypeScript: one file for each module and each interface.

  -I DIR                  look for included files in DIR, after the folder of the including file
  -D NAME[=VALUE]         define a macro
  -U NAME                 do not define it after all
  -o DIR                  write below DIR (default: the current folder)
  --with-includes         also write what included files declare
  --import-extension EXT  end relative imports in EXT: .js (default), .ts, .mjs, .mts, or "" for none
  --check                 report errors, write nothing
  --help                  print this and end
  --version               print the version and end

Exit status: 0 without errors, 1 with errors in the IDL, 2 when the command line is wrong.
`;

const EXTENSIONS: readonly string[] = [".js", ".ts", ".mjs", ".mts", ""];

/** What the command line asks for. */
export type Command =
  | { readonly step: "help" }
  | { readonly step: "version" }
  | {
      readonly step: "compile";
      readonly files: readonly string[];
      readonly includeDirs: readonly string[];
      readonly defines: readonly string[];
      readonly outputDir: string;
      readonly withIncludes: boolean;
      readonly importExtension: string;
      readonly isCheckOnly: boolean;
    };

/** A command line that cannot be followed; the message says why. */
export class UsageError extends Error {}

function parse(args: readonly string[]): ReturnType<typeof parseAll> {
  try {
    return parseAll(args);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(message, { cause });
  }
}

function parseAll(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      include: { type: "string", short: "I", multiple: true },
      define: { type: "string", short: "D", multiple: true },
      undefine: { type: "string", short: "U", multiple: true },
      output: { type: "string", short: "o" },
      "with-includes": { type: "boolean" },
      "import-extension": { type: "string" },
      check: { type: "boolean" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
}

function nameOf(define: string): string {
  return define.split("=", 1)[0] ?? define;
}

/** Reads a command line. @throws UsageError */
export function readCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { step: "help" };
  if (values.version === true) return { step: "version" };
  if (positionals.length === 0) throw new UsageError("no IDL file was given");
  const importExtension = values["import-extension"] ?? ".js";
  if (!EXTENSIONS.includes(importExtension)) {
    const allowed = EXTENSIONS.map((text) => JSON.stringify(text)).join(", ");
    throw new UsageError(
      `--import-extension is ${JSON.stringify(importExtension)}; allowed: ${allowed}`,
    );
  }
  const undefined_ = new Set(values.undefine);
  const defines = values.define ?? [];
  const badName = [...defines.map(nameOf), ...undefined_].find((n) => !/^[A-Za-z_]\w*$/.test(n));
  if (badName !== undefined) throw new UsageError(`${JSON.stringify(badName)} is no macro name`);
  return {
    step: "compile",
    files: positionals,
    includeDirs: values.include ?? [],
    defines: defines.filter((define) => !undefined_.has(nameOf(define))),
    outputDir: values.output ?? ".",
    withIncludes: values["with-includes"] ?? false,
    importExtension,
    isCheckOnly: values.check ?? false,
  };
}
