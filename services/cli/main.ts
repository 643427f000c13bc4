#!/usr/bin/env node
import { INTERRUPTED, run } from "./run.ts";

/** What a shell says of a program that SIGPIPE ended. */
const PIPE_CLOSED = 141;
const FAILED = 1;

const stop = new AbortController();
let signal: NodeJS.Signals | undefined;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  // Once: a second one ends the process at once.
  process.once(name, () => {
    signal = name;
    stop.abort();
  });
}
// Started by another Node process with a channel: the end of the one is the end of the other.
if (process.channel !== undefined) process.once("disconnect", () => stop.abort());

// Who reads may stop reading (`orbweaver ior REF | head -1`): nobody waits for the rest.
let isHeard = true;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (!isHeard) return;
  isHeard = false;
  const isPipe = error.code === "EPIPE";
  if (!isPipe) process.stderr.write(`orbweaver: the output cannot be written: ${error.message}\n`);
  process.exitCode = isPipe ? PIPE_CLOSED : FAILED;
  stop.abort();
});
process.stderr.on("error", () => undefined);

const code = await run(process.argv.slice(2), {
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  stop: stop.signal,
  exitWithin: (ms) => setTimeout(() => process.exit(), ms).unref(),
});
// The process ends as the signal ends it that it could not take at once: so a shell knows that it was interrupted.
if (signal !== undefined && code === INTERRUPTED) process.kill(process.pid, signal);
process.exitCode ??= code;
if (process.connected) process.disconnect();
