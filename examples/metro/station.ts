import * as Metro from "./gen/Metro.ts";
import type { StationPlan } from "./network.ts";

/** What happens to a reading that is out of bounds. */
export type Warn = (
  level: Metro.Traffic,
  sensor: string,
  cause: Metro.Reading,
  message: string,
) => void;

/** Announcements a station remembers. */
const REMEMBERED = 50;
/** Metres per second from which a train is too fast for a platform. */
const FAST = 22;
/** Degrees from which a hall is too hot, and from which it burns. */
const HOT = 45;
const FIRE = 60;

/** Microseconds since 1970. */
export function now(): Metro.Instant {
  return BigInt(Date.now()) * 1000n;
}

/** The plainest reading of a sensor that has not reported yet. */
const SILENT: Metro.Reading = { $d: "panel", note: "no report yet" };

/** One display panel. */
export class Display extends Metro.DisplaySkeleton {
  readonly #id: string;
  #text = "";

  constructor(id: string) {
    super();
    this.#id = id;
  }

  override _get_id(): string {
    return this.#id;
  }

  override _get_text(): string {
    return this.#text;
  }

  override _set_text(text: string): void {
    this.#text = text;
  }
}

/** One station: what it shows and says, and what its sensors report. */
export class Station extends Metro.StationSkeleton {
  readonly #plan: StationPlan;
  readonly #panels: readonly Metro.Display[];
  readonly #warn: Warn;
  readonly #sensors: Map<string, Metro.SensorState>;
  #announcements: readonly Metro.Announcement[] = [];
  #count = 0;
  #closed = false;
  #volume = 60;

  constructor(plan: StationPlan, panels: readonly Metro.Display[], warn: Warn) {
    super();
    this.#plan = plan;
    this.#panels = panels;
    this.#warn = warn;
    this.#sensors = new Map(plan.sensors.map((id) => [id, { id, at: now(), last: SILENT }]));
  }

  override _get_code(): string {
    return this.#plan.code;
  }

  override _get_title(): string {
    return this.#plan.title;
  }

  override _get_lines(): Metro.Strings {
    return this.#plan.lines;
  }

  override _get_panels(): Metro.Displays {
    return this.#panels;
  }

  override _get_closed(): boolean {
    return this.#closed;
  }

  override _get_volume(): number {
    return this.#volume;
  }

  override _set_volume(percent: number): void {
    this.#volume = Math.min(percent, 100);
  }

  close(closed: boolean): void {
    this.#closed = closed;
  }

  override announce(text: string, level: Metro.Traffic): { result: number; at: Metro.Instant } {
    // A closed station keeps quiet, but not when people have to leave it.
    if (this.#closed && level !== "alarm")
      throw new Metro.Refused({ reason: `${this.#plan.title} is closed`, level: "alarm" });
    const one: Metro.Announcement = { number: ++this.#count, level, at: now(), text };
    this.#announcements = [one, ...this.#announcements].slice(0, REMEMBERED);
    return { result: one.number, at: one.at };
  }

  override announced(most: number): Metro.Announcements {
    return this.#announcements.slice(0, most);
  }

  override sensors(): Metro.SensorStates {
    return [...this.#sensors.values()];
  }

  override report(sensor: string, what: Metro.Reading): void {
    this.#sensors.set(sensor, { id: sensor, at: now(), last: what });
    switch (what.$d) {
      case "track":
        if (what.train.speed > FAST)
          this.#warn("alarm", sensor, what, `O comboio ${what.train.train} não vai parar a tempo`);
        return;
      case "temperature":
        if (what.celsius >= FIRE) this.#warn("alarm", sensor, what, "Fogo na estação");
        else if (what.celsius >= HOT) this.#warn("critical", sensor, what, "Ventilação avariada");
        return;
      case "door":
        if (what.open) this.#warn("critical", sensor, what, "Porta de serviço aberta");
        return;
      case "panel":
        this.#warn("normal", sensor, what, what.note);
        return;
    }
  }
}
