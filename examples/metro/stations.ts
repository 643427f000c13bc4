import type { RTPOA } from "orbweaver/orb";
import type { Managed } from "./center.ts";
import * as Metro from "./gen/Metro.ts";
import type { StationPlan } from "./network.ts";
import { Display, now, Station } from "./station.ts";
import type { Watchers } from "./watchers.ts";

/** References outlive the process: their keys hold the names of the POAs and the ids of the objects alone. */
const LASTING = { lifespan: "PERSISTENT", idAssignment: "USER_ID" } as const;

/** Puts the servants of stations into POAs beneath `parent`. @returns them by code */
export async function openStations(
  parent: RTPOA,
  plans: readonly StationPlan[],
  watchers: Watchers,
): Promise<Map<string, Managed>> {
  const stations = await parent.createPoa("stations", LASTING);
  const displays = await parent.createPoa("displays", LASTING);
  const managed = new Map<string, Managed>();
  let alarms = 0;
  for (const plan of plans) {
    const panels: Metro.Display[] = [];
    for (let n = 1; n <= plan.displays; n++) {
      const id = `${plan.code}-${n}`;
      const reference = await displays.activate(id, new Display(id));
      panels.push(Metro.Display.uncheckedNarrow(reference));
    }
    const servant = new Station(plan, panels, (level, sensor, cause, message) => {
      const station = plan.code;
      watchers.tell({ number: ++alarms, level, station, sensor, at: now(), cause, message });
    });
    const reference = await stations.activate(plan.code, servant);
    managed.set(plan.code, {
      plan,
      servant,
      panels,
      reference: Metro.Station.uncheckedNarrow(reference),
    });
  }
  // A manager of their own, where the parent has none to share.
  for (const poa of [stations, displays]) poa.the_POAManager.activate();
  return managed;
}
