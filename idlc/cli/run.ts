import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  check,
  compile,
  type CompileOptions,
  type CompileResult,
  hasErrors,
  type SourceReader,
  VERSION,
} from "../index.ts";
import { explain } from "../source/index.ts";
import { diskReader, writeChanged, writeMissing } from "./disk.ts";
import { Incremental } from "./incremental.ts";
import { type CompileCommand, readCommandLine, USAGE, UsageError } from "./options.ts";
import { makeRule, type Output, reportDiagnostics } from "./report.ts";
import { diskWatcher, foldersOf } from "./watch.ts";

/** The package's own IDL; this file runs as `dist/idlc/cli/run.js`. */
export const STANDARD_IDL: string = fileURLToPath(new URL("../../../idl/omg", import.meta.url));

/** What IDL from the standard input is called. */
const STDIN_FILE = "stdin.idl";

/** The surroundings of a run. */
export interface RunOptions {
  /** The text of the standard input. */
  readonly readStdin?: () => string | Uint8Array;
  /** Ends `--watch`. */
  readonly signal?: AbortSignal;
}

function readerOf(command: CompileCommand, { readStdin }: RunOptions): SourceReader {
  if (!command.isStdin) return diskReader;
  const text = readStdin === undefined ? readFileSync(0) : readStdin();
  return { read: (path) => (path === STDIN_FILE ? text : diskReader.read(path)) };
}

function absolute(path: string): string {
  return resolve(path).replaceAll("\\", "/");
}

function optionsOf(command: CompileCommand): CompileOptions {
  const { includeDirs, defines, level, withIncludes, importExtension, sides } = command;
  return {
    includeDirs,
    systemDirs: [...command.systemDirs, STANDARD_IDL],
    defines,
    withIncludes,
    importExtension,
    sides,
    ami: command.withAmi,
    standardDirs: [STANDARD_IDL],
    ...(level === undefined ? {} : { level }),
    ...(command.scaffoldDir === undefined
      ? {}
      : {
          scaffold: {
            scaffoldDir: absolute(command.scaffoldDir),
            outputDir: absolute(command.outputDir),
          },
        }),
  };
}

function filesOf(command: CompileCommand): readonly string[] {
  return command.isStdin ? [...command.files, STDIN_FILE] : command.files;
}

/** Writes what a compilation gave. @returns the paths that changed */
function write(command: CompileCommand, result: CompileResult): readonly string[] {
  const written = [...writeChanged(command.outputDir, result.files)];
  if (command.scaffoldDir !== undefined) {
    written.push(...writeMissing(command.scaffoldDir, result.scaffolds));
  }
  return written;
}

function writeDepfile(path: string, command: CompileCommand, result: CompileResult): void {
  const targets = result.files.map((file) => join(command.outputDir, file.path));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, makeRule(targets, result.dependencies));
}

function finish(command: CompileCommand, result: CompileResult, output: Output): number {
  reportDiagnostics(result.diagnostics, command.isJson, output);
  if (hasErrors(result.diagnostics)) return 1;
  write(command, result);
  if (command.depfile !== undefined) writeDepfile(command.depfile, command, result);
  return 0;
}

async function compileFiles(
  command: CompileCommand,
  output: Output,
  surroundings: RunOptions,
): Promise<number> {
  const reader = readerOf(command, surroundings);
  const [files, options] = [filesOf(command), optionsOf(command)];
  if (command.isCheckOnly) {
    const { diagnostics } = check(files, options, reader);
    reportDiagnostics(diagnostics, command.isJson, output);
    return hasErrors(diagnostics) ? 1 : 0;
  }
  return finish(command, await compile(files, options, reader), output);
}

/** Compiles, then waits for changes and compiles what depends on them, until the signal. */
async function watchFiles(
  command: CompileCommand,
  output: Output,
  { signal }: RunOptions,
): Promise<number> {
  const options = optionsOf(command);
  const incremental = new Incremental(command.files.map(normalize), {
    compile: (mains) => compile(mains, options, diskReader),
    dependencies: (mains) => {
      const read: string[] = [];
      const reader: SourceReader = {
        read: (path) => {
          const content = diskReader.read(path);
          if (content !== undefined) read.push(path);
          return content;
        },
      };
      check(mains, options, reader);
      return read;
    },
  });
  const { promise, stop } = stopped(signal);
  // One after the other: changes during a compilation wait for its end.
  let last: Promise<void> = Promise.resolve();
  const after = (step: () => Promise<CompileResult | undefined>): void => {
    last = last
      .then(async () => {
        const result = await step();
        if (result === undefined) return;
        if (command.isCheckOnly) reportDiagnostics(result.diagnostics, command.isJson, output);
        else finish(command, result, output);
        watcher.follow(foldersOf([...command.files, ...incremental.dependencies]));
        output.err(hasErrors(result.diagnostics) ? "idlc: failed\n" : "idlc: done\n");
      })
      .catch(stop);
  };
  using watcher = diskWatcher((paths) => {
    const names = new Set([...paths].map((path) => normalize(path)));
    after(() => incremental.touched(names));
  });
  after(() => incremental.all());
  await promise;
  await last;
  return 0;
}

/** Settles with the signal, or fails with the error given to `stop`. */
function stopped(signal: AbortSignal | undefined): {
  readonly promise: Promise<void>;
  readonly stop: (error: unknown) => void;
} {
  let stop: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((done, fail) => {
    stop = fail;
    if (signal?.aborted === true) done();
    signal?.addEventListener("abort", () => done(), { once: true });
  });
  return { promise, stop: (error) => stop(error) };
}

function explainCode(code: string, output: Output): number {
  const text = explain(code);
  if (text === undefined) throw new UsageError(`there is no diagnostic ${JSON.stringify(code)}`);
  output.out(`${text}\n`);
  return 0;
}

/** The `idlc` command. @returns the exit status: 0, 1 for errors in the IDL or on the disk, 2 for a wrong command line */
export async function run(
  args: readonly string[],
  output: Output,
  surroundings: RunOptions = {},
): Promise<number> {
  try {
    const command = readCommandLine(args);
    switch (command.step) {
      case "help":
        output.out(USAGE);
        return 0;
      case "version":
        output.out(`idlc ${VERSION}\n`);
        return 0;
      case "explain":
        return explainCode(command.code, output);
      case "compile":
        return command.isWatching
          ? await watchFiles(command, output, surroundings)
          : await compileFiles(command, output, surroundings);
    }
  } catch (error) {
    if (error instanceof UsageError) {
      output.err(`idlc: ${error.message}\n\n${USAGE}`);
      return 2;
    }
    const message = error instanceof Error ? error.message : String(error);
    const isFromDisk = error instanceof Error && "code" in error;
    output.err(`idlc: ${isFromDisk ? "" : "a fault of the compiler itself: "}${message}\n`);
    return 1;
  }
}
