#!/usr/bin/env node
import { run } from "./run.ts";

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
// Started by another Node process with a channel: the end of the one is the end of the other.
if (process.channel !== undefined) process.once("disconnect", () => stop.abort());

process.exitCode = await run(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  stop: stop.signal,
});
if (process.connected) process.disconnect();
