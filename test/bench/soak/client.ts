// Runs rounds of calls against the server of argv[2] until its input ends. To "state" it finishes its round and
// prints "state JSON"; it goes on with "go". Each round is an ORB of its own that connects and disconnects.
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { seededRandom } from "../../../orb/base/index.ts";
import { passing, runRound } from "./load.ts";
import { stateAtRest } from "./state.ts";

const CHECKS_A_ROUND = 20;

const [, , ior = "", seed = "1"] = process.argv;
const random = seededRandom(Number(seed));
const names = await passing(ior);
let rounds = 0;
let calls = 0;
const failures = new Map<string, string>();

/** A peer that goes away in the middle of a message. */
function cutOff(host: string, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.write(Buffer.from("47494f5001020100ff000000", "hex"), () => socket.resetAndDestroy());
  });
}

async function round(): Promise<void> {
  const chosen = Array.from(
    { length: CHECKS_A_ROUND },
    () => names[Math.floor(random.number() * names.length)] ?? "",
  );
  const { host, port, outcomes } = await runRound(ior, chosen);
  for (const [name, failure] of outcomes) {
    if (failure !== undefined) failures.set(name, failure);
  }
  calls += chosen.length;
  await cutOff(host, port);
  rounds++;
}

/** Told to report; the round at hand is finished before. */
let asked = false;
let proceed: () => void = () => undefined;
let isOver = false;
const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  if (line === "state") asked = true;
  else proceed();
});
input.on("close", () => {
  isOver = true;
  proceed();
});

while (!isOver) {
  await round();
  if (!asked) continue;
  asked = false;
  const wait = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const report = {
    ...(await stateAtRest()),
    rounds,
    calls,
    kinds: names.length,
    failures: Object.fromEntries(failures),
  };
  process.stdout.write(`state ${JSON.stringify(report)}\n`);
  await wait;
}
