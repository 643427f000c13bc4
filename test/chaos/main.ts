// node dist/test/chaos/main.js [--minutes N | --seconds N] [--seed N] [--style STYLE] [--ack ACK]
import { parseArgs } from "node:util";
import type { ReplicationOptions } from "../../orb/index.ts";
import { storm } from "./storm.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string" },
    style: { type: "string", default: "semi-active" },
    ack: { type: "string", default: "quorum" },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const forMs =
  values.minutes === undefined ? Number(values.seconds) * 1e3 : Number(values.minutes) * 6e4;
const policy = { style: values.style, ack: values.ack } as ReplicationOptions;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`seed ${seed}, ${values.style}, ack ${values.ack}, ${forMs / 1e3} s`);
const { calls, faults, ends, longestMs, wrong } = await storm({ seed, forMs, policy, say });
say(`${faults.length} faults, ${calls.length} calls`);
for (const [writer, how] of Object.entries(ends))
  say(`${writer}: ${JSON.stringify(how)}, longest ${longestMs[writer]} ms`);
for (const fault of wrong) say(`WRONG: ${fault}`);
say(wrong.length === 0 ? "the books are in order" : `${wrong.length} faults in the books`);
process.exitCode = wrong.length === 0 ? 0 : 1;
