import type { LaneConfig } from "../../../services/lanes/index.ts";
import { percentile } from "../samples.ts";
import { over, Paced, PER_SECOND, type Series } from "./paced.ts";
import type { Reservation } from "./reservation.ts";
import { startServer } from "./serving.ts";

const CALLS = 500;
const LANE_WARM_CALLS = 10_000;
const WARM_CALLS = 50;
const FLOOD_OUTSTANDING = 32;
const FLOOD_MS = ((CALLS + WARM_CALLS) / PER_SECOND) * 1_000 + 300;

/** Milliseconds within which an answer is wanted, and the kernel's priority; none: an ordinary thread. */
const BANDS = [
  { name: "alarm", dueUs: 1_000, priority: 48, isRealTime: true },
  { name: "critical", dueUs: 2_000, priority: 40, isRealTime: true },
  { name: "normal", dueUs: 4_000, priority: 1, isRealTime: false },
] as const;

function bandText(band: (typeof BANDS)[number], state: string, { sortedUs, lost }: Series): string {
  const us = (value: number): string => value.toFixed(0).padStart(7);
  return [
    band.name.padEnd(8),
    state.padEnd(8),
    us(percentile(sortedUs, 0.5)),
    us(percentile(sortedUs, 0.99)),
    us(percentile(sortedUs, 0.999)),
    us(sortedUs.at(-1) ?? 0),
    String(over(sortedUs, band.dueUs)).padStart(7),
    String(lost).padStart(5),
  ].join(" ");
}

/**
 * Three bands at once: each is called 250 times a second, first idle, then while a fourth client floods the normal one.
 * @returns of the alarms: p99 idle and flooded, in microseconds, and what was lost
 */
export async function bands(
  path: string,
  reservation: Reservation,
  print: (line: string) => void,
): Promise<readonly [idleP99: number, floodedP99: number, lost: number]> {
  const { core, groups } = reservation;
  const lanes = Object.fromEntries(
    BANDS.map(({ name, priority, isRealTime }): [string, LaneConfig] => [
      name,
      {
        priority,
        scheduling: isRealTime ? "fifo" : "other",
        warmUpCalls: LANE_WARM_CALLS,
        reserve: { core },
      },
    ]),
  );
  const [server, served] = await startServer({ lanes, groups });
  const clients: Paced[] = [];
  try {
    for (const [index, { priority, isRealTime }] of BANDS.entries()) {
      const target = served[index];
      if (target === undefined) throw new TypeError(`the server has no lane ${index}`);
      const client = await Paced.start(path, target, isRealTime ? { priority } : {});
      if (isRealTime) reservation.take(client.processId);
      clients.push(client);
    }
    const normal = served.at(-1);
    if (normal === undefined) throw new TypeError("the server has no lanes");
    const flooding = await Paced.start(path, normal, {});
    clients.push(flooding);
    const measure = async (state: string): Promise<Series> => {
      const series = await Promise.all(
        clients.slice(0, BANDS.length).map((client) => client.run(CALLS, PER_SECOND, WARM_CALLS)),
      );
      for (const [index, band] of BANDS.entries()) {
        const of = series[index];
        if (of !== undefined) print(bandText(band, state, of));
      }
      const [alarms] = series;
      if (alarms === undefined) throw new TypeError("the alarms were not measured");
      return alarms;
    };
    print(
      "  band                p50     p99   p99.9     max  missed  lost   (µs; due in 1, 2, 4 ms)",
    );
    const idle = await measure("idle");
    const [under, answered] = await Promise.all([
      measure("flooded"),
      flooding.flood(FLOOD_MS, FLOOD_OUTSTANDING),
    ]);
    print(`normal was flooded with ${answered} calls in ${FLOOD_MS} ms`);
    const p99 = (of: Series): number => percentile(of.sortedUs, 0.99);
    return [p99(idle), p99(under), under.lost];
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
}
