import { Laned, laneSpec, obedient } from "./laned.ts";
import { tell } from "./servants.ts";

/** A program of its own: starts one real-time lane, calls it, and prints what it got and what was said. */
async function main(): Promise<void> {
  const laned = await Laned.start([laneSpec("alarms", { priority: 25_000 })], {
    alarms: { priority: 25_000, scheduling: "fifo", reserve: { core: 0 } },
  });
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const answer = await tell(await laned.at(0, "p", "a"), "hello");
  const placements = laned.lanes[0]?.placements;
  await laned[Symbol.asyncDispose]();
  const warnings = laned.log.all.filter((line) => /^(?:info|warn|error) lane /.test(line));
  process.stdout.write(`${JSON.stringify({ answer, placements, warnings })}\n`);
}

await main();
