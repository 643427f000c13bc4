import {
  AdapterAlreadyExists,
  AdapterNonExistent,
  type CreatePoaOptions,
  type LaneAdapter,
  makeServant,
  type ModuleServant,
  type ORB,
  type POA,
  RTPOA,
} from "../../orb/index.ts";
import type { LaneDesk } from "./desk.ts";
import { type ChooseLane, LaneGate } from "./gate.ts";
import { LaneManagers } from "./managers.ts";

/** The object adapters of one thread, by path. */
export class LaneAdapters {
  readonly #orb: ORB;
  readonly #desk: LaneDesk | undefined;
  readonly managers: LaneManagers;

  /** @param desk where the requests of all adapters go through */
  constructor(orb: ORB, desk: LaneDesk | undefined) {
    this.#orb = orb;
    this.#desk = desk;
    this.managers = new LaneManagers(orb);
  }

  /** Parents that are not there are made with the default policies. @throws AdapterAlreadyExists, InvalidPolicy */
  async create(adapter: LaneAdapter): Promise<void> {
    const name = adapter.path.at(-1);
    if (name === undefined) throw new AdapterAlreadyExists("the RootPOA is there always");
    const { path, policies } = adapter;
    const parent = await this.#parent(path.slice(0, -1));
    const manager =
      adapter.manager === undefined ? undefined : await this.managers.of(adapter.manager);
    let made: RTPOA | undefined;
    const desk = this.#desk;
    const ownLane = desk?.seat.lane ?? 0;
    // There is no request before there is a POA.
    const choose: ChooseLane = (contexts, id) => made?._laneOf(contexts, id) ?? ownLane;
    const poa = await parent.createPoa(name, {
      ...(policies as CreatePoaOptions),
      ...(manager === undefined ? {} : { manager }),
      ...(desk === undefined ? {} : { gate: new LaneGate(desk, path, choose) }),
    });
    made = RTPOA.narrow(poa) ?? undefined;
  }

  /** @throws AdapterNonExistent */
  async destroy(path: readonly string[]): Promise<void> {
    await this.#find(path).destroy(true, true);
  }

  /** @returns the repository id of its most derived interface */
  async activate(
    path: readonly string[],
    objectId: Uint8Array,
    servant: ModuleServant,
  ): Promise<string> {
    const poa = this.#find(path);
    const made = await makeServant(servant);
    poa.activate_object_with_id(objectId, made);
    return made._primary_interface(objectId, poa);
  }

  deactivate(path: readonly string[], objectId: Uint8Array): void {
    this.#find(path).deactivate_object(objectId);
  }

  assign(path: readonly string[], objectId: Uint8Array, priority: number | undefined): void {
    RTPOA.narrow(this.#find(path))?._assign(objectId, priority);
  }

  #find(path: readonly string[]): POA {
    let poa = this.#orb.rootPOA;
    for (const name of path) poa = poa.find_POA(name);
    return poa;
  }

  async #parent(path: readonly string[]): Promise<POA> {
    let poa = this.#orb.rootPOA;
    for (const name of path) {
      try {
        poa = poa.find_POA(name);
      } catch (error) {
        if (!(error instanceof AdapterNonExistent)) throw error;
        poa = await poa.createPoa(name);
      }
    }
    return poa;
  }
}
