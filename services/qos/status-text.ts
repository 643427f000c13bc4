import { writeCoreList } from "../../native/index.ts";
import type { Qos } from "../admission/index.ts";

const KINDS: Readonly<Record<Qos.Kind, string>> = {
  KIND_PARTITION: "partition",
  KIND_RUNTIME: "runtime",
  KIND_SERVICES: "services",
  KIND_LANE: "lane",
  KIND_HOUSEKEEPING: "housekeeping",
};
/** Threads named on a line; more are counted. */
const MOST_NAMED = 6;

function percent(ppm: number): string {
  return `${(ppm / 10_000).toFixed(1)} %`;
}

function coresText(cores: readonly number[]): string {
  if (cores.length === 0) return "no core";
  return `${cores.length === 1 ? "core" : "cores"} ${writeCoreList(cores)}`;
}

function threadsText(threads: readonly number[]): string | undefined {
  if (threads.length === 0) return undefined;
  if (threads.length > MOST_NAMED) return `${threads.length} threads`;
  return `${threads.length === 1 ? "thread" : "threads"} ${threads.join(" ")}`;
}

function nodeText(node: Qos.Node): string {
  const { runtime_us, period_us } = node.realtime;
  return [
    KINDS[node.what],
    coresText(node.runs_on),
    node.cpu_percent > 0 ? `${node.cpu_percent} %` : undefined,
    runtime_us > 0 ? `FIFO and RR ${percent((runtime_us * 1e6) / period_us)}` : undefined,
    node.asked === "" ? undefined : node.asked,
    threadsText(node.threads),
    node.owner === "" ? undefined : node.owner,
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}

/** The tree by paths, a level two spaces, with what is free beneath. */
export function statusText(status: Qos.Status): readonly string[] {
  const byPath = status.groups.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const depth = (path: string): number => path.split("/").length - 2;
  const names = byPath.map(({ path }) => `${"  ".repeat(depth(path))}${path.split("/").at(-1)}`);
  const width = Math.max(0, ...names.map((name) => name.length));
  const free = status.left.map(
    ({ partition, shared_cores, cpu_percent, realtime_ppm, memory_octets }) =>
      [
        `free in ${partition}: ${coresText(shared_cores)}`,
        `${cpu_percent} %`,
        `FIFO and RR ${percent(realtime_ppm)} of each core`,
        ...(memory_octets > 0n ? [`${memory_octets} octets`] : []),
      ].join(", "),
  );
  return [
    status.controllers,
    ...byPath.map((node, at) => `${(names[at] ?? "").padEnd(width)}  ${nodeText(node)}`),
    ...free,
    `free for DEADLINE: ${percent(status.deadline_free_ppm)} of one core, over all cores`,
  ];
}
