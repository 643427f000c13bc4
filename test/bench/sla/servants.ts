import * as Metro from "../../../examples/metro/gen/Metro.ts";
import { Watchers } from "../../../examples/metro/watchers.ts";
import { NO_IMPLEMENT, type ORB } from "../../../orb/index.ts";
import { replicated } from "../../../services/replication/index.ts";

/** Metres per second from which a train is too fast for a platform. */
const FAST = 22;
const US_PER_MS = 1_000n;

const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Who wants alarms, and what is told to them; each replica tells, so that none is lost with the one that died. */
export class Tower extends Metro.ControlCenterSkeleton {
  /** The state: references of those who watch, by number. */
  watching: Readonly<Record<string, string>> = {};
  count = 0;
  readonly #orb: ORB;
  #watchers: Watchers = new Watchers(log);
  /** What `watching` was when the watchers were made of it: a state that came from another replica is another one. */
  #known: unknown = this.watching;

  constructor(orb: ORB) {
    super();
    this.#orb = orb;
  }

  override watch(listener: Metro.AlarmListener | null): number {
    if (listener === null) return 0;
    const number = ++this.count;
    this.watching = { ...this.watching, [number]: this.#orb.object_to_string(listener) };
    return number;
  }

  override unwatch(number: number): void {
    const { [number]: _, ...rest } = this.watching;
    this.watching = rest;
  }

  async tell(what: Metro.AlarmEvent): Promise<void> {
    if (this.#known !== this.watching) {
      this.#known = this.watching;
      this.#watchers = new Watchers(log);
      for (const text of Object.values(this.watching)) {
        const listener = Metro.AlarmListener.uncheckedNarrow(
          await this.#orb.string_to_object(text),
        );
        if (listener !== null) this.#watchers.add(listener, "normal");
      }
    }
    this.#watchers.tell(what);
  }

  override _get_network(): string {
    return "Metro do Porto";
  }

  override stations(): Metro.Summaries {
    return [];
  }

  override find(code: string): never {
    throw new Metro.UnknownStation({ code, known: [] });
  }

  override order(): never {
    throw new NO_IMPLEMENT("no orders are given here");
  }
}

/** A station of which there are several: sensors report to it, operators announce by it. */
export class ReplicatedStation extends Metro.StationSkeleton {
  /** The state. */
  announcements = 0;
  alarms = 0;
  reports = 0;
  readonly #tower: Tower;

  constructor(tower: Tower) {
    super();
    this.#tower = tower;
  }

  override announce(): { result: number; at: Metro.Instant } {
    return { result: ++this.announcements, at: BigInt(Math.round(replicated.nowMs())) * US_PER_MS };
  }

  override async report(sensor: string, what: Metro.Reading): Promise<void> {
    this.reports++;
    if (what.$d !== "track" || what.train.speed <= FAST) return;
    const at = BigInt(Math.round(replicated.nowMs())) * US_PER_MS;
    const message = `O comboio ${what.train.train} não vai parar a tempo`;
    const number = ++this.alarms;
    const station = this._get_code();
    await this.#tower.tell({ number, level: "alarm", station, sensor, at, cause: what, message });
  }

  override _get_code(): string {
    return "trindade";
  }

  override _get_title(): string {
    return "Trindade";
  }

  override _get_lines(): Metro.Strings {
    return ["A", "B", "C", "D", "E"];
  }

  override _get_panels(): Metro.Displays {
    return [];
  }

  override _get_closed(): boolean {
    return false;
  }

  override _get_volume(): number {
    return 60;
  }

  override _set_volume(): void {
    throw new NO_IMPLEMENT("the volume is not regulated here");
  }

  override announced(): Metro.Announcements {
    return [];
  }

  /** One row with how much there was: what the bench counts. */
  override sensors(): Metro.SensorStates {
    const note = `${this.announcements} ${this.reports} ${this.alarms}`;
    return [{ id: "counts", at: 0n, last: { $d: "panel", note } }];
  }
}
