import { parseArgs } from "node:util";

export const USAGE: string = `Usage: idlc [options] file...

Compiles OMG IDL to TypeScript: one file for each module and each interface.

Input
  -I DIR                  look for included files in DIR, after the folder of the including file
  --system DIR            the same, after all -I
  -D NAME[=VALUE]         define a macro
  -U NAME                 do not define it after all
  --stdin                 also compile what comes by the standard input, as stdin.idl
  --idl 3|4               the version of IDL: 3 takes words that only IDL 4 reserves as names,
                          4 as keywords (default: as the files use them, with a warning)

Output
  -o DIR                  write below DIR (default: the current folder)
  --with-includes         also write what included files declare
  --import-extension EXT  end relative imports in EXT: .js (default), .ts, .mjs, .mts, or "" for none
  --ami                   with asynchronous calls: sendc_ and sendp_ methods, reply handlers
  --client                leave out what only servants need
  --servant               leave out what only clients need
  --scaffold DIR          also write a class to start from for each interface below DIR; a file that
                          is there already stays as it is
  --depfile FILE          write a make rule: the files written depend on the files read
  --watch                 compile again whenever a file changes

Diagnostics
  --check                 report errors, write nothing
  --json                  diagnostics on the standard output, one JSON object to a line
  --explain CODE          what a diagnostic means and what to do about it
  --help                  print this and end
  --version               print the version and end

Exit status: 0 without errors, 1 with errors in the IDL, 2 when the command line is wrong.
`;

const EXTENSIONS: readonly string[] = [".js", ".ts", ".mjs", ".mts", ""];

/** What a compilation is asked to do. */
export interface CompileCommand {
  readonly step: "compile";
  readonly files: readonly string[];
  readonly isStdin: boolean;
  readonly includeDirs: readonly string[];
  readonly systemDirs: readonly string[];
  readonly defines: readonly string[];
  readonly level: 3 | 4 | undefined;
  readonly outputDir: string;
  readonly withIncludes: boolean;
  readonly withAmi: boolean;
  readonly importExtension: string;
  readonly sides: "both" | "client" | "servant";
  readonly scaffoldDir: string | undefined;
  readonly depfile: string | undefined;
  readonly isWatching: boolean;
  readonly isCheckOnly: boolean;
  readonly isJson: boolean;
}

/** What the command line asks for. */
export type Command =
  | { readonly step: "help" }
  | { readonly step: "version" }
  | { readonly step: "explain"; readonly code: string }
  | CompileCommand;

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
      system: { type: "string", multiple: true },
      define: { type: "string", short: "D", multiple: true },
      undefine: { type: "string", short: "U", multiple: true },
      stdin: { type: "boolean" },
      idl: { type: "string" },
      output: { type: "string", short: "o" },
      "with-includes": { type: "boolean" },
      ami: { type: "boolean" },
      "import-extension": { type: "string" },
      client: { type: "boolean" },
      servant: { type: "boolean" },
      scaffold: { type: "string" },
      depfile: { type: "string" },
      watch: { type: "boolean" },
      check: { type: "boolean" },
      json: { type: "boolean" },
      explain: { type: "string" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
}

type Values = ReturnType<typeof parseAll>["values"];

function nameOf(define: string): string {
  return define.split("=", 1)[0] ?? define;
}

function definesOf(values: Values): readonly string[] {
  const without = new Set(values.undefine);
  const defines = values.define ?? [];
  const badName = [...defines.map(nameOf), ...without].find((n) => !/^[A-Za-z_]\w*$/.test(n));
  if (badName !== undefined) throw new UsageError(`${JSON.stringify(badName)} is no macro name`);
  return defines.filter((define) => !without.has(nameOf(define)));
}

function extensionOf(values: Values): string {
  const extension = values["import-extension"] ?? ".js";
  if (EXTENSIONS.includes(extension)) return extension;
  const allowed = EXTENSIONS.map((text) => JSON.stringify(text)).join(", ");
  throw new UsageError(`--import-extension is ${JSON.stringify(extension)}; allowed: ${allowed}`);
}

function levelOf(values: Values): 3 | 4 | undefined {
  if (values.idl === undefined) return undefined;
  if (values.idl === "3") return 3;
  if (values.idl === "4") return 4;
  throw new UsageError(`--idl is ${JSON.stringify(values.idl)}; allowed: 3, 4`);
}

function sidesOf(values: Values): CompileCommand["sides"] {
  const [client, servant] = [values.client === true, values.servant === true];
  if (client === servant) return "both";
  return client ? "client" : "servant";
}

function refuse(values: Values): void {
  if (values.scaffold !== undefined && sidesOf(values) === "client") {
    throw new UsageError("--scaffold writes servants, which --client leaves out");
  }
  if (values.watch === true && values.stdin === true) {
    throw new UsageError("--watch watches files, and --stdin is none");
  }
  if (values.check !== true) return;
  const writing = (["scaffold", "depfile"] as const).find((name) => values[name] !== undefined);
  if (writing !== undefined) throw new UsageError(`--check writes nothing, --${writing} does`);
}

/** Reads a command line. @throws UsageError */
export function readCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { step: "help" };
  if (values.version === true) return { step: "version" };
  if (values.explain !== undefined) return { step: "explain", code: values.explain };
  const isStdin = values.stdin === true;
  if (positionals.length === 0 && !isStdin) throw new UsageError("no IDL file was given");
  refuse(values);
  return {
    step: "compile",
    files: positionals,
    isStdin,
    includeDirs: values.include ?? [],
    systemDirs: values.system ?? [],
    defines: definesOf(values),
    level: levelOf(values),
    outputDir: values.output ?? ".",
    withIncludes: values["with-includes"] ?? false,
    withAmi: values.ami ?? false,
    importExtension: extensionOf(values),
    sides: sidesOf(values),
    scaffoldDir: values.scaffold,
    depfile: values.depfile,
    isWatching: values.watch ?? false,
    isCheckOnly: values.check ?? false,
    isJson: values.json ?? false,
  };
}
