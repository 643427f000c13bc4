import { BAD_PARAM } from "orbweaver/orb";

import * as Metro from "./gen/Metro.ts";
import { NETWORK, type StationPlan } from "./network.ts";
import { now, type Station } from "./station.ts";
import type { Watchers } from "./watchers.ts";

/** A station as the control center knows it: its plan, its servant here, its reference for others. */
export interface Managed {
  readonly plan: StationPlan;
  readonly servant: Station;
  readonly reference: Metro.Station;
  readonly panels: readonly Metro.Display[];
}

/** The control center: finds stations, passes orders on, keeps those who watch. */
export class ControlCenter extends Metro.ControlCenterSkeleton {
  readonly #stations: ReadonlyMap<string, Managed>;
  readonly #watchers: Watchers;
  #orders = 0;

  constructor(stations: ReadonlyMap<string, Managed>, watchers: Watchers) {
    super();
    this.#stations = stations;
    this.#watchers = watchers;
  }

  override _get_network(): string {
    return NETWORK;
  }

  override stations(): Metro.Summaries {
    return [...this.#stations.values()].map(({ plan, reference }) => ({
      code: plan.code,
      title: plan.title,
      lines: plan.lines,
      displays: plan.displays,
      sensors: plan.sensors.length,
      where: reference,
    }));
  }

  #managed(code: string): Managed {
    const managed = this.#stations.get(code);
    if (managed === undefined)
      throw new Metro.UnknownStation({ code, known: [...this.#stations.keys()] });
    return managed;
  }

  override find(code: string): Metro.Station {
    return this.#managed(code).reference;
  }

  override async order(
    _who: string,
    codes: Metro.Strings,
    what: Metro.Command,
  ): Promise<Metro.Receipt> {
    const wanted = codes.length === 0 ? [...this.#stations.keys()] : codes;
    // All are looked up first: an order with an unknown station changes nothing.
    const targets = wanted.map((code) => this.#managed(code));
    for (const target of targets) await obey(target, what);
    return { number: ++this.#orders, at: now(), stations: wanted };
  }

  override watch(listener: Metro.AlarmListener | null, least: Metro.Traffic): number {
    if (listener === null) throw new BAD_PARAM("watch needs a listener, not nil");
    return this.#watchers.add(listener, least);
  }

  override unwatch(number: number): void {
    this.#watchers.remove(number);
  }
}

async function obey({ servant, panels }: Managed, what: Metro.Command): Promise<void> {
  switch (what.$d) {
    case "speak":
      servant.announce(what.words, "critical");
      return;
    case "write": {
      const { display, text } = what.on;
      for (const panel of panels)
        if (display === "" || display === (await panel._get_id())) await panel._set_text(text);
      return;
    }
    case "adjust":
      servant._set_volume(what.volume);
      return;
    case "shut":
      servant.close(what.closed);
      return;
  }
}
