import { loadNative } from "../../../native/index.ts";
import { Laned, laneSpec, obedient } from "./laned.ts";
import { tell } from "./servants.ts";

/** Grows the main thread's heap, so that V8 marks it and its helpers help: some settings of the collector do not bear that. */
async function grow(): Promise<number> {
  const kept: unknown[] = [];
  for (let i = 0; i < 300; i++) {
    kept.push(Array.from({ length: 5_000 }, (_, k) => ({ k, text: `x${k}` })));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return kept.length;
}

/** How the threads run that Node made at its start, its main one left out. */
function helperScheduling(): readonly unknown[] {
  const scheduler = loadNative()?.scheduler;
  const threads = scheduler?.threads() ?? [];
  return threads
    .filter(({ id, name }) => id !== process.pid && name === "node")
    .map(({ id }) => scheduler?.scheduling(id));
}

/** A program of its own: starts one real-time lane, calls it, and prints what it got and what was said. */
async function main(): Promise<void> {
  const laned = await Laned.start([laneSpec("alarms", { priority: 25_000, nativePriority: 36 })], {
    alarms: { priority: 25_000, scheduling: "fifo", reserve: { core: 0 } },
  });
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const answer = await tell(await laned.at(0, "p", "a"), "hello");
  await grow();
  const helpers = helperScheduling();
  const placements = laned.lanes[0]?.placements;
  await laned[Symbol.asyncDispose]();
  const warnings = laned.log.all.filter((line) => /^(?:info|warn|error) lane /.test(line));
  process.stdout.write(`${JSON.stringify({ answer, placements, warnings, helpers })}\n`);
}

await main();
