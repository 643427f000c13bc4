import * as Metro from "../../../examples/metro/gen/Metro.ts";
import { ORB_init, type ORB } from "../../../orb/index.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { percentile } from "../samples.ts";
import { Fleet } from "./fleet.ts";
import { AlarmEars } from "./ears.ts";
import { Pace } from "./pace.ts";

const SENSORS_PER_SECOND = 200;
const CALLS_PER_SECOND = 250;
/** Milliseconds in which an event must be with whoever watches, and a call be answered: as contracted. */
const CONTRACTED_MS = 2_000;
/** Milliseconds after which a call is given up, and is lost. */
const GIVEN_UP_MS = 10_000;
const REPLICAS = 3;
const MS_PER_MINUTE = 60_000;
const DEFAULT_MINUTES = 5;
const QUICK_MINUTES = 0.5;
/** Of a minute, or of a run that is shorter: when its crash comes. */
const CRASH_AT = 0.4;
/** A train of this speed is an alarm. */
const TOO_FAST = 27.5;
const MS_PER_SECOND = 1_000;

/** How one kind of work went; times in milliseconds. */
interface Result {
  readonly name: string;
  readonly count: number;
  readonly lost: number;
  readonly twice: number;
  readonly timesMs: Float64Array;
  readonly reasons: readonly string[];
}

function late({ timesMs }: Result): number {
  return timesMs.filter((ms) => ms > CONTRACTED_MS).length;
}

function isKept(result: Result): boolean {
  return result.lost === 0 && result.twice === 0 && late(result) === 0;
}

function resultText(result: Result): string {
  const { name, count, lost, twice, timesMs } = result;
  const ms = (share: number): string => percentile(timesMs, share).toFixed(1).padStart(9);
  const counts = [count, lost, twice, late(result)]
    .map((each) => String(each).padStart(9))
    .join("");
  return `  ${name.padEnd(8)}${counts}${ms(0.5)}${ms(0.99)}${ms(1)}`;
}

function rowOf({ name, count, timesMs }: Result, elapsedMs: number): Row {
  const us = (share: number): number => percentile(timesMs, share) * MS_PER_SECOND;
  return {
    name: `sla ${name}`,
    n: count,
    p50: us(0.5),
    p99: us(0.99),
    p999: us(0.999),
    max: us(1),
    unit: "µs",
    perSecond: (count / elapsedMs) * MS_PER_SECOND,
    baseline: null,
    ratio: null,
  };
}

/** The work of the network: alarms of sensors, which go to whoever watches, and calls of operators. */
class Work {
  readonly #sensors: Metro.Station;
  readonly #operators: Metro.Station;
  readonly #ears: AlarmEars;
  readonly #calls: Pace = new Pace(CALLS_PER_SECOND);
  readonly #events: Pace = new Pace(SENSORS_PER_SECOND);

  constructor(station: Metro.Station, ears: AlarmEars) {
    // A report that was lost is to be known: IDL has it oneway, the sensors wait nevertheless.
    this.#sensors = station._withPolicies({
      syncScope: "SYNC_WITH_TARGET",
      relativeRoundtripTimeoutMs: GIVEN_UP_MS,
    });
    this.#operators = station._withPolicies({ relativeRoundtripTimeoutMs: GIVEN_UP_MS });
    this.#ears = ears;
  }

  async run(forMs: number, stop: AbortSignal): Promise<readonly Result[]> {
    await Promise.all([
      this.#events.run(forMs, stop, (number) => this.#report(number)),
      this.#calls.run(forMs, stop, () => this.#announce()),
    ]);
    await this.#ears.until(this.#events.count, CONTRACTED_MS);
    const counts = await this.#counts();
    return [
      {
        name: "events",
        count: this.#events.count,
        ...this.#ears.tally(this.#events.startsMs),
        reasons: this.#events.reasons,
      },
      {
        name: "calls",
        count: this.#calls.count,
        lost: this.#calls.failed,
        twice: counts - this.#calls.count,
        timesMs: this.#calls.timesMs,
        reasons: this.#calls.reasons,
      },
    ];
  }

  async #report(number: number): Promise<void> {
    const train = { train: String(number), inbound: true, speed: TOO_FAST };
    await this.#sensors.report("track-1", { $d: "track", train });
  }

  async #announce(): Promise<void> {
    await this.#operators.announce("O próximo metro parte dentro de 2 minutos", "normal");
  }

  /** Announcements that were made. */
  async #counts(): Promise<number> {
    const [row] = await this.#operators.sensors();
    const last = row?.last;
    return Number((last?.$d === "panel" ? last.note : "").split(" ")[0]);
  }
}

async function openOrb(): Promise<ORB> {
  const orb = await ORB_init([], { config: { orb: { listen: ["iiop://127.0.0.1:0"] } } });
  orb.rootPOA.the_POAManager.activate();
  return orb;
}

/**
 * The service level of the light-train network: alarms of sensors and calls of operators at a replicated station, one of
 * whose processes, the primary, is killed each minute.
 * @throws Error when an event or a call was lost, late, or done twice
 */
export async function sla(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const minutes = options.minutes ?? (options.isQuick ? QUICK_MINUTES : DEFAULT_MINUTES);
  const forMs = minutes * MS_PER_MINUTE;
  print(
    `sla: ${minutes * 60} s, ${SENSORS_PER_SECOND} events/s and ${CALLS_PER_SECOND} calls/s at ${REPLICAS} semi-active replicas, each a process; a crash of the primary each minute`,
  );
  await using fleet = await Fleet.start(REPLICAS);
  await using orb = await openOrb();
  const ears = new AlarmEars();
  const station = await narrowed(orb, fleet.referenceOf("station"), Metro.Station);
  const tower = await narrowed(orb, fleet.referenceOf("tower"), Metro.ControlCenter);
  const listener = await orb.rootPOA.activate(ears);
  await tower.watch(Metro.AlarmListener.uncheckedNarrow(listener), "normal");
  const enough = new AbortController();
  const crashing = crashes(fleet, forMs, print, enough.signal).catch((error: unknown) => {
    enough.abort();
    throw error;
  });
  const startMs = performance.now();
  const results = await new Work(station, ears).run(forMs, enough.signal);
  enough.abort();
  const crashed = await crashing;
  const titles = ["", "count", "lost", "twice", "> 2 s", "p50 ms", "p99 ms", "max ms"];
  print(`  ${titles.map((text, at) => (at === 0 ? text.padEnd(8) : text.padStart(9))).join("")}`);
  for (const result of results) {
    print(resultText(result));
    for (const reason of new Set(result.reasons)) print(`    ${reason}`);
  }
  const wrong = results.filter((result) => !isKept(result));
  if (crashed === 0) throw new Error("no crash came in that time");
  if (wrong.length > 0)
    throw new Error(`the service level was not kept: ${wrong.map(({ name }) => name).join(", ")}`);
  print(`  kept, through ${crashed} ${crashed === 1 ? "crash" : "crashes"}`);
  return results.map((result) => rowOf(result, performance.now() - startMs));
}

async function narrowed<T>(
  orb: ORB,
  text: string,
  type: { uncheckedNarrow(reference: Awaited<ReturnType<ORB["string_to_object"]>>): T | null },
): Promise<T> {
  const found = type.uncheckedNarrow(await orb.string_to_object(text));
  if (found === null) throw new TypeError("a reference is nil");
  return found;
}

/** One crash in each minute, or in all where that is less. @returns how many there were */
async function crashes(
  fleet: Fleet,
  forMs: number,
  print: (line: string) => void,
  stop: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  const eachMs = Math.min(forMs, MS_PER_MINUTE);
  let count = 0;
  for (let minute = 0; (minute + CRASH_AT) * eachMs < forMs; minute++) {
    const atMs = startMs + (minute + CRASH_AT) * eachMs;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, atMs - performance.now());
      stop.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
    if (stop.aborted) break;
    const seconds = ((performance.now() - startMs) / MS_PER_SECOND).toFixed(1);
    const { victim, wholeMs } = await fleet.crashPrimary();
    count++;
    print(
      `  ${seconds.padStart(6)} s  the primary, process ${victim}, was killed; ${REPLICAS} replicas again after ${(wholeMs / MS_PER_SECOND).toFixed(2)} s`,
    );
  }
  return count;
}
