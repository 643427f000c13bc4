import type { LaneManager, ORB, POAManager } from "../../orb/index.ts";

/** The managers of one thread's adapters: each in the state that the main thread's manager of its name is in. */
export class LaneManagers {
  readonly #orb: ORB;

  constructor(orb: ORB) {
    this.#orb = orb;
  }

  /** The manager of an adapter that is being made. */
  async of(manager: LaneManager): Promise<POAManager> {
    const { id, maxHeld } = manager;
    const found = this.#find(id) ?? (await this.#factory.createManager(id, { maxHeld }));
    await bring(found, manager);
    return found;
  }

  /** Brings one into another state; none where no adapter has it. */
  async manage(manager: LaneManager): Promise<void> {
    const found = this.#find(manager.id);
    if (found !== undefined) await bring(found, manager);
  }

  async completion(id: string): Promise<void> {
    await this.#find(id)?._completion();
  }

  get #factory(): ORB["rootPOA"]["the_POAManagerFactory"] {
    return this.#orb.rootPOA.the_POAManagerFactory;
  }

  #find(id: string): POAManager | undefined {
    return this.#factory.find(id) ?? undefined;
  }
}

async function bring(manager: POAManager, { state }: LaneManager): Promise<void> {
  if (manager.get_state() === state) return;
  switch (state) {
    case "ACTIVE":
      manager.activate();
      return;
    case "HOLDING":
      return await manager.hold_requests();
    case "DISCARDING":
      return await manager.discard_requests();
    case "INACTIVE":
      return await manager.deactivate();
  }
}
