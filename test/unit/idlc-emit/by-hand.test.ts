import { join } from "node:path";
import test from "ava";
import { MemoryTransport, type ORB, ORB_init, type Servant } from "../../../orb/index.ts";
import * as hand from "./by-hand/ten.ts";
import * as Ten from "./golden/Ten.ts";
import { ROOT, textOf } from "./support.ts";

/** What both servants do. */
class Readings {
  title = "roof";
  readonly list: hand.Reading[] = [];
  readonly told: unknown[] = [];

  of(sensor: string): readonly hand.Reading[] {
    return this.list.filter((one) => one.sensor === sensor);
  }

  mean(sensor: string): number {
    const values = this.of(sensor).map(({ value }) => value);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

class ByHand extends hand.StationServant {
  readonly readings: Readings = new Readings();
  name(): string {
    return this.readings.title;
  }
  rename(to: string): void {
    this.readings.title = to;
  }
  count(): number {
    return this.readings.list.length;
  }
  latest(sensor: string): hand.Reading {
    const found = this.readings.of(sensor).at(-1);
    if (found === undefined) throw new hand.NoSensor(sensor);
    return found;
  }
  since(at: bigint, limit: number): readonly hand.Reading[] {
    if (limit === 0) throw new hand.Busy();
    return this.readings.list.filter((one) => one.at >= at).slice(0, limit);
  }
  store(list: readonly hand.Reading[]): void {
    this.readings.list.push(...list);
  }
  average(sensor: string): hand.Average {
    return { result: this.readings.of(sensor).length, mean: this.readings.mean(sensor) };
  }
  level(sensor: string): hand.Grade {
    return this.readings.mean(sensor) > 50 ? "alarm" : "info";
  }
  watch(peer: hand.Station | null, from: hand.Grade): void {
    this.readings.told.push([peer?._is_equivalent(this._this()), from]);
  }
  ping(token: number): void {
    this.readings.told.push(token);
  }
}

/** The same behind the generated skeleton: a tie, because its types are the other's. */
function generated(): { servant: Servant; readings: Readings } {
  const one = new ByHand();
  const impl: Ten.StationServant = {
    name: () => one.name(),
    rename: (to) => one.rename(to),
    count: () => one.count(),
    latest(sensor) {
      const found = one.readings.of(sensor).at(-1);
      if (found === undefined) throw new Ten.NoSensor({ sensor });
      return found;
    },
    since(at, limit) {
      if (limit === 0) throw new Ten.Busy();
      return one.since(at, limit);
    },
    store: (list) => one.store(list),
    average: (sensor) => one.average(sensor),
    level: (sensor) => one.level(sensor),
    watch: (peer, from) => void one.readings.told.push([peer !== null, from]),
    ping: (token) => one.ping(token),
  };
  return { servant: Ten.Station.tie(impl), readings: one.readings };
}

async function opened(servant: Servant): Promise<{ orbs: readonly ORB[]; text: string }> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const ref = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  return { orbs: [client, server], text: server.object_to_string(ref) };
}

const STORED: readonly hand.Reading[] = [
  { sensor: "t1", value: 60.5, at: 1n },
  { sensor: "t2", value: 3, at: 2n },
  { sensor: "t1", value: 61.5, at: 2n ** 60n },
];

test("the client written by hand and the generated servant understand each other", async (t) => {
  const { servant, readings } = generated();
  const { orbs, text } = await opened(servant);
  const [client] = orbs;
  const station = await hand.Station.narrow((await client?.string_to_object(text)) ?? null);
  if (station === null) throw new TypeError("the object is a Station");
  await station.rename("cellar");
  t.is(await station.name(), "cellar");
  await station.store(STORED);
  t.is(await station.count(), 3);
  t.deepEqual(await station.latest("t1"), STORED[2]);
  t.deepEqual(await station.since(2n, 9), STORED.slice(1));
  t.deepEqual(await station.average("t1"), { result: 2, mean: 61 });
  t.is(await station.level("t2"), "info");
  t.is((await t.throwsAsync(station.latest("t3"), { instanceOf: hand.NoSensor }))?.sensor, "t3");
  await t.throwsAsync(station.since(0n, 0), { instanceOf: hand.Busy });
  await station.ping(7);
  await station.watch(station, "warning");
  t.deepEqual(readings.told, [7, [true, "warning"]]);
  for (const orb of orbs) await orb.destroy();
});

test("the generated client and the servant written by hand understand each other", async (t) => {
  const servant = new ByHand();
  const { orbs, text } = await opened(servant);
  const [client] = orbs;
  const station = await Ten.Station.narrow(await client?.string_to_object(text));
  if (station === null) throw new TypeError("the object is a Station");
  await station.rename("cellar");
  t.is(await station.name(), "cellar");
  await station.store(STORED);
  t.is(await station.count(), 3);
  t.deepEqual(await station.latest("t1"), STORED[2]);
  t.deepEqual(await station.since(2n, 9), STORED.slice(1));
  t.deepEqual(await station.average("t1"), { result: 2, mean: 61 });
  t.is(await station.level("t1"), Ten.Grade.alarm);
  t.is((await t.throwsAsync(station.latest("t3"), { instanceOf: Ten.NoSensor }))?.sensor, "t3");
  await t.throwsAsync(station.since(0n, 0), { instanceOf: Ten.Busy });
  await station.ping(7);
  await station.watch(station, "warning");
  t.deepEqual(servant.readings.told, [7, [true, "warning"]]);
  for (const orb of orbs) await orb.destroy();
});

/** Lines with code in them, and their characters; comments and indentation do not count. */
function sizeOf(...paths: readonly string[]): { lines: number; characters: number } {
  const lines = paths
    .map((path) => textOf(join(ROOT, "test/unit/idlc-emit", path)) ?? "")
    .join("\n")
    .replaceAll(/\/\*[\s\S]*?\*\//gu, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\/\/.*$/u, "").trim())
    .filter((line) => line !== "");
  return { lines: lines.length, characters: lines.join("").length };
}

test("generated code is at most twice as long as what a person writes", (t) => {
  const mine = sizeOf("by-hand/ten.ts");
  const its = sizeOf("golden/Ten.ts", "golden/Ten/Station.ts");
  t.true(mine.lines > 100);
  t.log(
    `${its.lines} lines beside ${mine.lines}, ${its.characters} characters beside ${mine.characters}`,
  );
  t.true(its.lines <= 2 * mine.lines);
  t.true(its.characters <= 2 * mine.characters);
});
