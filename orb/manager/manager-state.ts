import { AdapterInactive } from "./exceptions.ts";

/** States of a POAManager (CORBA 3.3 Part 1, 15.3.2). */
export type ManagerState = "HOLDING" | "ACTIVE" | "DISCARDING" | "INACTIVE";

export type ManagerEvent = "activate" | "hold_requests" | "discard_requests" | "deactivate";

const NEXT: Readonly<Record<ManagerEvent, ManagerState>> = {
  activate: "ACTIVE",
  hold_requests: "HOLDING",
  discard_requests: "DISCARDING",
  deactivate: "INACTIVE",
};

/** @throws AdapterInactive from INACTIVE, which is final */
export function step(state: ManagerState, event: ManagerEvent): ManagerState {
  if (state === "INACTIVE") {
    throw new AdapterInactive(`${event}: the POAManager is INACTIVE, which is final`);
  }
  return NEXT[event];
}
