#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Most runs are over before optimized code has paid for being made, so functions must run longer first
// (by default about a seventh of this); long runs still get it. Before the compiler is loaded, to hold for all of it.
setFlagsFromString("--interrupt-budget=1000000");
const { run } = await import("./run.ts");

// Who reads may stop reading (`idlc --help | head -1`): what is left to say is said to nobody.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
