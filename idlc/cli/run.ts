import { fileURLToPath } from "node:url";
import { check, compile, VERSION } from "../index.ts";
import { type Diagnostic, hasErrors, renderDiagnostic } from "../source/index.ts";
import { diskReader, writeChanged } from "./disk.ts";
import { type Command, readCommandLine, USAGE, UsageError } from "./options.ts";

/** Where a run writes its text. */
export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** The package's own IDL; this file runs as `dist/idlc/cli/run.js`. */
const STANDARD_IDL: string = fileURLToPath(new URL("../../../idl/omg", import.meta.url));

function report(diagnostics: readonly Diagnostic[], output: Output): number {
  for (const diagnostic of diagnostics) output.err(`${renderDiagnostic(diagnostic)}\n`);
  return hasErrors(diagnostics) ? 1 : 0;
}

async function compileFiles(
  command: Command & { step: "compile" },
  output: Output,
): Promise<number> {
  const { files, defines } = command;
  const includeDirs = [...command.includeDirs, STANDARD_IDL];
  if (command.isCheckOnly) {
    return report(check(files, { includeDirs, defines }, diskReader).diagnostics, output);
  }
  const result = await compile(
    files,
    {
      includeDirs,
      defines,
      withIncludes: command.withIncludes,
      importExtension: command.importExtension,
      standardDirs: [STANDARD_IDL],
    },
    diskReader,
  );
  const status = report(result.diagnostics, output);
  if (status === 0) writeChanged(command.outputDir, result.files);
  return status;
}

/** The `idlc` command. @returns the exit status: 0, 1 for errors in the IDL or on the disk, 2 for a wrong command line */
export async function run(args: readonly string[], output: Output): Promise<number> {
  try {
    const command = readCommandLine(args);
    switch (command.step) {
      case "help":
        output.out(USAGE);
        return 0;
      case "version":
        output.out(`idlc ${VERSION}\n`);
        return 0;
      case "compile":
        return await compileFiles(command, output);
    }
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`idlc: ${error.message}\n\n${USAGE}`);
      return 2;
    }
    if (!(error instanceof Error && "code" in error)) throw error;
    output.err(`idlc: ${error.message}\n`);
    return 1;
  }
}
