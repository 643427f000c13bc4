// A replicated echo as one server of the bench: `node group.js DEGREE POLICY` starts so many replicas, each a process, and
// prints `ready REFERENCE` when the group is complete.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Program } from "../program.ts";

const REPLICA = fileURLToPath(new URL("./replica.js", import.meta.url));
const PATIENCE_MS = 30_000;

const [, , degree = "1", policy = "{}"] = process.argv;
const replicas = Array.from(
  { length: Number(degree) },
  () => new Program([process.execPath, REPLICA, policy]),
);
try {
  const addresses = await Promise.all(replicas.map((one) => one.hear("host", PATIENCE_MS)));
  for (const one of replicas) one.say(addresses.join(" "));
  const [reference] = await Promise.all(replicas.map((one) => one.hear("ready", PATIENCE_MS)));
  process.stdout.write(`ready ${reference}\n`);
  process.stdin.resume();
  await once(process.stdin, "end");
} finally {
  await Promise.all(replicas.map((one) => one[Symbol.asyncDispose]()));
}
