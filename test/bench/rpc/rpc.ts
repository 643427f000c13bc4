import { rowOf, spreadOf } from "../block.ts";
import type { Row } from "../block.ts";
import type { Contender, Workload } from "../contender.ts";
import { comparisonLines } from "./comparisons.ts";
import { omniOrb } from "./omniorb.ts";
import type { BenchOptions } from "../options.ts";
import { calledByOmniOrb, orbweaver, orbweaverReactor } from "./orbweaver.ts";
import { raw } from "./raw.ts";
import { Field } from "../rounds.ts";
import { tableLine } from "../table.ts";

const KIB = 1024;
const one = { connections: 1, outstanding: 1 } as const;

/** Echo of octets, from one small call at a time to many and to large ones. */
export const RPC_WORKLOADS: readonly Workload[] = [
  { name: "64 B sequential", octets: 64, ...one, measure: "p50", target: 1.5 },
  { name: "4 KiB sequential", octets: 4 * KIB, ...one, measure: "p50" },
  { name: "1 MiB sequential", octets: KIB * KIB, ...one, measure: "perSecond", target: 0.6 },
  {
    name: "64 B, 16 connections",
    octets: 64,
    connections: 16,
    outstanding: 1,
    measure: "perSecond",
  },
  {
    name: "64 B, 64 pipelined",
    octets: 64,
    connections: 1,
    outstanding: 64,
    measure: "perSecond",
    target: 0.5,
  },
];

/** The first is the baseline of the others. */
function contenders(): readonly Contender[] {
  const omni = omniOrb();
  return [
    raw,
    orbweaver,
    orbweaverReactor,
    omni,
    calledByOmniOrb(orbweaver, omni),
    calledByOmniOrb(orbweaverReactor, omni),
  ];
}

/** Measures remote calls, and prints each row as it is known. */
export async function rpc(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const ready: Contender[] = [];
  for (const contender of contenders()) {
    const refusal = await contender.prepare();
    if (refusal === undefined) ready.push(contender);
    else print(`${contender.name} is left out: ${refusal}`);
  }
  const workloads = RPC_WORKLOADS.filter(({ name }) => name.includes(options.only));
  const rows: Row[] = [];
  for (const { place, core } of options.places) {
    print(`\n${place}`);
    print(tableLine());
    await using field = await Field.open(ready, core);
    for (const workload of workloads) {
      const results = await field.run(workload, options.pace);
      const nameOf = (contender: string): string => `${contender}, ${workload.name}, ${place}`;
      const baseline = { name: nameOf(raw.name), blocks: results.get(raw.name) ?? [] };
      for (const [name, blocks] of results) {
        const compared = name === raw.name ? undefined : baseline;
        const row = rowOf(nameOf(name), blocks, workload.measure, compared);
        rows.push(row);
        const target = name === orbweaver.name && core !== undefined ? workload.target : undefined;
        const spread = spreadOf(blocks, workload.measure);
        print(tableLine(`${workload.name}, ${name}`, row, spread, target));
      }
      if (core !== undefined)
        for (const line of comparisonLines(workload.name, results)) print(line);
    }
  }
  return rows;
}
