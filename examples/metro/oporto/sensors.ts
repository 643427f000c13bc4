// Sensors of the network, as leaves of the tree: many peers in one process, for the machine may be small.
//
//   node dist/examples/metro/oporto/sensors.js --seeds 127.0.0.1:7400,127.0.0.1:7401 --from 0 --count 6

import { parseArgs } from "node:util";
import { type ORB, ORB_init } from "orbweaver/orb";
import type { Discovery } from "orbweaver/services/overlay";
import { HeartbeatThread, openPeer, type PeerNode } from "orbweaver/services/p3-net";

import * as Metro from "../gen/Metro.ts";
import { PLANS, type StationPlan } from "../network.ts";

/** Milliseconds between two reports of a sensor, and that finding its line may take. */
const PERIOD_MS = 1_000;
const CALL_MS = 2_000;
/** Metres per second of a train that is not too fast. */
const SPEED = 12;
const DEGREES = 21;

interface Place {
  readonly plan: StationPlan;
  readonly sensor: string;
}

/** Every sensor there is. */
const PLACES: readonly Place[] = PLANS.flatMap((plan) =>
  plan.sensors.map((sensor) => ({ plan, sensor })),
);

const log = (line: string): void => void process.stdout.write(`${line}\n`);

function reading(sensor: string, count: number): Metro.Reading {
  return sensor === "hall"
    ? { $d: "temperature", celsius: DEGREES }
    : { $d: "track", train: { train: `EF-${count}`, inbound: count % 2 === 0, speed: SPEED } };
}

/** The reference of a service, by asking the tree; undefined while there is none. */
function findService(discovery: Discovery, name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    discovery.ask({ of: "service", name }, (answer) =>
      resolve(answer.kind === "found" ? answer.found[0]?.service?.reference : undefined),
    );
  });
}

/** One sensor: finds its line by discovery, its station by its line, and reports. */
class Sensor {
  readonly #orb: ORB;
  readonly #node: PeerNode;
  readonly #place: Place;
  readonly #options: { readonly timeoutMs: number } = { timeoutMs: CALL_MS };
  #station: Metro.Station | undefined;
  #reports = 0;

  constructor(orb: ORB, node: PeerNode, place: Place) {
    this.#orb = orb;
    this.#node = node;
    this.#place = place;
  }

  get reports(): number {
    return this.#reports;
  }

  async report(): Promise<void> {
    const { sensor } = this.#place;
    try {
      this.#station ??= await this.#find();
      await this.#station?.report(sensor, reading(sensor, this.#reports), this.#options);
      if (this.#station !== undefined) this.#reports++;
    } catch {
      // Its line has moved, or is gone: it is looked for again.
      this.#station = undefined;
      this.#node.overlay.discovery.discredit(`line-${this.#place.plan.home}`);
    }
  }

  async #find(): Promise<Metro.Station | undefined> {
    const { home, code } = this.#place.plan;
    const reference = await findService(this.#node.overlay.discovery, `line-${home}`);
    if (reference === undefined) return undefined;
    const line = await Metro.ControlCenter.narrow(await this.#orb.string_to_object(reference));
    return (await line?.find(code, this.#options)) ?? undefined;
  }
}

async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
    // Whoever started this with a channel is gone.
    if (process.channel !== undefined) process.once("disconnect", resolve);
  });
}

function numberOf(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`--${option} ${text}: a whole number from ${least} on is needed`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "127.0.0.1:7400" },
      from: { type: "string", default: "0" },
      count: { type: "string", default: "6" },
    },
  });
  const from = numberOf("from", values.from, 0);
  const places = PLACES.slice(from, from + numberOf("count", values.count, 1));
  if (places.length === 0)
    throw new RangeError(`--from ${from}: there are ${PLACES.length} sensors, the first is 0`);
  await using orb = await ORB_init([], { config: { orb: { listen: [] } } });
  const heartbeats = new HeartbeatThread(places.length);
  const nodes: PeerNode[] = [];
  const sensors: Sensor[] = [];
  for (const place of places) {
    const node = await openPeer({
      host: "127.0.0.1",
      seeds: values.seeds.split(","),
      role: "leaf",
      heartbeats,
    });
    nodes.push(node);
    node.overlay.membership.join();
    sensors.push(new Sensor(orb, node, place));
  }
  const timer = setInterval(() => {
    for (const sensor of sensors) void sensor.report();
    const reports = sensors.reduce((sum, each) => sum + each.reports, 0);
    const heard = sensors.filter((each) => each.reports > 0).length;
    log(`${heard} of ${sensors.length} sensors report, ${reports} reports`);
  }, PERIOD_MS);
  log(`${sensors.length} sensors, each a leaf of the tree`);
  await untilStopped();
  clearInterval(timer);
  await Promise.all(nodes.map((node) => node.close()));
}

try {
  await main();
} catch (thrown) {
  process.stderr.write(`sensors: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
