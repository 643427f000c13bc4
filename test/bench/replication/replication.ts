import { fileURLToPath } from "node:url";
import type { ReplicationOptions } from "../../../orb/index.ts";
import { lossWindow } from "../../../services/replication/index.ts";
import { type Row, rowOf, spreadOf } from "../block.ts";
import type { Contender, Workload } from "../contender.ts";
import type { BenchOptions } from "../options.ts";
import { Field } from "../rounds.ts";
import { orbweaver } from "../rpc/orbweaver.ts";
import { nodeProgram, raw } from "../rpc/raw.ts";
import { tableLine } from "../table.ts";

const GROUP = fileURLToPath(new URL("./group.js", import.meta.url));

interface Replicated {
  readonly policy: ReplicationOptions;
  readonly degree: number;
  /** Of the time of an unreplicated call, one at a time: the most that is wanted. */
  readonly target?: number;
}

const GROUPS: readonly Replicated[] = [
  { degree: 2, policy: { style: "semi-active" }, target: 2.5 },
  { degree: 2, policy: { style: "warm-passive" }, target: 2.5 },
  { degree: 2, policy: { style: "active" }, target: 2.8 },
  { degree: 2, policy: { style: "cold-passive" } },
  { degree: 2, policy: { style: "warm-passive", periodMs: 1_000 } },
  { degree: 3, policy: { style: "semi-active" } },
  { degree: 3, policy: { style: "warm-passive" } },
  { degree: 3, policy: { style: "active" } },
  { degree: 3, policy: { style: "cold-passive" } },
  { degree: 4, policy: { style: "semi-active" } },
];

const WORKLOADS: readonly Workload[] = [
  { name: "sequential 64 B", octets: 64, connections: 1, outstanding: 1, measure: "p50" },
  { name: "16 at a time 64 B", octets: 64, connections: 1, outstanding: 16, measure: "perSecond" },
];

function contenderOf({ policy, degree }: Replicated): Contender {
  const { style, periodMs } = policy;
  const name = `${style}${periodMs === undefined ? "" : ` each ${periodMs} ms`} × ${degree}`;
  const command = [process.execPath, GROUP, String(degree), JSON.stringify(policy)] as const;
  return { ...orbweaver, name, server: () => command };
}

/** The same octets to a server that asks a second one, without any CORBA: what the processes' taking turns costs alone. */
const relayed: Contender = {
  ...raw,
  name: "raw node:net, one more process",
  server: () => nodeProgram("../replication/relay.js"),
};
/** A group's code is long, and only after some tens of thousands of calls is all of it compiled. */
const WARM_UP_CALLS = 20_000;

/**
 * Calls of a replicated echo beside one without replication, style by style and degree by degree: client and replicas are
 * processes of their own, letters between replicas go over TCP, and the blocks of the two take turns. Pinned, all of
 * them share one core, so a call costs what all of them do for it. First comes the floor: bytes that make the same way.
 */
export async function replication(
  { pace: given, places, only, isQuick }: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  const pace = { ...given, warmUpCalls: isQuick ? given.warmUpCalls : WARM_UP_CALLS };
  const plain: Contender = { ...orbweaver, name: "not replicated" };
  for (const at of places)
    for (const workload of WORKLOADS) {
      const { place, core } = at;
      print(`${workload.name}, ${place}`);
      print(tableLine());
      if (workload.measure === "p50") rows.push(...(await floor(workload, pace, at, print)));
      for (const one of isQuick ? GROUPS.slice(0, 3) : GROUPS) {
        const contender = contenderOf(one);
        if (!`${workload.name} ${contender.name}`.includes(only)) continue;
        await using field = await Field.open([plain, contender], core);
        const blocks = await field.run(workload, pace);
        const { measure } = workload;
        const baseline = { name: plain.name, blocks: blocks.get(plain.name) ?? [] };
        const own = blocks.get(contender.name) ?? [];
        const name = `${workload.name}, ${place}, ${contender.name}`;
        const row = rowOf(name, own, measure, baseline);
        const base = rowOf(`${name}: ${plain.name}`, baseline.blocks, measure);
        print(tableLine(plain.name, base, spreadOf(baseline.blocks, measure)));
        const target = measure === "p50" ? one.target : undefined;
        print(tableLine(contender.name, row, spreadOf(own, measure), target));
        rows.push(base, row);
      }
    }
  for (const { policy, degree } of GROUPS)
    print(`${contenderOf({ policy, degree }).name} may lose: ${lossWindow(policy)}`);
  return rows;
}

async function floor(
  workload: Workload,
  pace: BenchOptions["pace"],
  { place, core }: BenchOptions["places"][number],
  print: (line: string) => void,
): Promise<readonly Row[]> {
  await using field = await Field.open([raw, relayed], core);
  const blocks = await field.run(workload, pace);
  const baseline = { name: raw.name, blocks: blocks.get(raw.name) ?? [] };
  const own = blocks.get(relayed.name) ?? [];
  const base = rowOf(`${workload.name}, ${place}, ${raw.name}`, baseline.blocks, workload.measure);
  const row = rowOf(`${workload.name}, ${place}, ${relayed.name}`, own, workload.measure, baseline);
  print(tableLine(raw.name, base, spreadOf(baseline.blocks, workload.measure)));
  print(tableLine(relayed.name, row, spreadOf(own, workload.measure)));
  return [base, row];
}
