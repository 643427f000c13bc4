import {
  AdapterAlreadyExists,
  AdapterNonExistent,
  type CreatePoaOptions,
  type LaneAdapter,
  makeServant,
  type ModuleServant,
  type ORB,
  type POA,
} from "../../orb/index.ts";

/** The object adapters of one thread, by path. */
export class LaneAdapters {
  readonly #orb: ORB;
  /** Given to every adapter beside its policies. */
  readonly #extra: (adapter: LaneAdapter) => CreatePoaOptions;

  constructor(orb: ORB, extra: (adapter: LaneAdapter) => CreatePoaOptions = () => ({})) {
    this.#orb = orb;
    this.#extra = extra;
  }

  /** Parents that are not there are made with the default policies. @throws AdapterAlreadyExists, InvalidPolicy */
  async create(adapter: LaneAdapter): Promise<void> {
    const name = adapter.path.at(-1);
    if (name === undefined) throw new AdapterAlreadyExists("the RootPOA is there always");
    const parent = await this.#parent(adapter.path.slice(0, -1));
    await parent.createPoa(name, {
      ...(adapter.policies as CreatePoaOptions),
      ...this.#extra(adapter),
    });
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
