import { type Policy, PolicyError } from "../policy/index.ts";
import { ManagerAlreadyExists } from "./exceptions.ts";
import { POAManager } from "./manager.ts";

/** What a manager may be given when it is made. */
export interface ManagerOptions {
  /**
   * Endpoints of its own, `iiop://HOST:PORT`: references to objects of its POAs name these and no others, and
   * requests that come another way do not reach them. The ORB's own endpoints where absent.
   */
  readonly listen?: readonly string[];
  /** Addresses written into references in place of those listened on, `HOST:PORT`, with the fields of `orb.publish`. */
  readonly publish?: readonly string[];
  /** Requests kept while HOLDING; the ORB's `maxHeldRequests` (1,000) where absent. */
  readonly maxHeld?: number;
}

/** Type of the local policy that gives a manager endpoints of its own; its value is a list as `listen` of {@link ManagerOptions}. */
export const ENDPOINTS_POLICY_TYPE = 0x4f57_0004;

/** What managers need of the ORB. */
export interface ManagerHost {
  /** Requests a manager keeps while HOLDING. */
  readonly maxHeld: number;
  isInsideUpcall(): boolean;
  /** A manager is in another state. */
  changed(manager: POAManager): void;
  /** One more request is held, or one less. */
  held(by: 1 | -1): void;
  /** Opens endpoints of one manager; the number of their entrance. @throws INITIALIZE naming the endpoint */
  openEntrance(options: ManagerOptions): Promise<number>;
  closeEntrance(entrance: number): void;
}

/** PortableServer::POAManagerFactory (CORBA 3.3 Part 1, 15.3.3): the managers of one ORB by id. */
export class POAManagerFactory {
  readonly #host: ManagerHost;
  readonly #managers = new Map<string, POAManager>();
  readonly #opening = new Set<string>();
  #made = 0;

  constructor(host: ManagerHost) {
    this.#host = host;
  }

  /**
   * A new manager, HOLDING. Of policies, `ENDPOINTS_POLICY_TYPE` is known here.
   * @throws ManagerAlreadyExists, PolicyError; INITIALIZE for an endpoint that cannot be had
   */
  async create_POAManager(id: string, policies: readonly Policy[] = []): Promise<POAManager> {
    return await this.createManager(id, optionsOf(policies));
  }

  /** The same with options by name. */
  async createManager(id: string, options: ManagerOptions = {}): Promise<POAManager> {
    if (this.#managers.has(id) || this.#opening.has(id)) {
      throw new ManagerAlreadyExists(`there is a POAManager "${id}" already`);
    }
    this.#opening.add(id);
    try {
      const entrance =
        options.listen === undefined ? undefined : await this.#host.openEntrance(options);
      const manager = new POAManager(id, options.maxHeld ?? this.#host.maxHeld, entrance);
      this._adopt(manager);
      return manager;
    } finally {
      this.#opening.delete(id);
    }
  }

  /** Managers with at least one POA, and those made here that have none yet. */
  list(): readonly POAManager[] {
    return [...this.#managers.values()];
  }

  /** null when there is none. */
  find(id: string): POAManager | null {
    return this.#managers.get(id) ?? null;
  }

  /** Internal: for a POA that was given no manager. */
  _newManager(id?: string): POAManager {
    let name = id ?? `POAManager${++this.#made}`;
    while (this.#managers.has(name)) name = `POAManager${++this.#made}`;
    const manager = new POAManager(name, this.#host.maxHeld);
    this._adopt(manager);
    return manager;
  }

  /** Internal: a manager made by hand, too, is known from its first POA on. */
  _adopt(manager: POAManager): void {
    if (!this.#managers.has(manager.get_id())) this.#managers.set(manager.get_id(), manager);
    manager._settle({
      isInsideUpcall: () => this.#host.isInsideUpcall(),
      changed: () => this.#host.changed(manager),
      held: (by) => this.#host.held(by),
      abandoned: () => this._abandon(manager),
    });
  }

  /** Internal: a manager without a POA. */
  _abandon(manager: POAManager): void {
    if (this.#managers.get(manager.get_id()) === manager) this.#managers.delete(manager.get_id());
    this.#host.closeEntrance(manager._entrance);
  }
}

function optionsOf(policies: readonly Policy[]): ManagerOptions {
  let options: ManagerOptions = {};
  for (const { policy_type: type, value } of policies) {
    if (type !== ENDPOINTS_POLICY_TYPE) {
      throw new PolicyError({ reason: 1 }, `policy type ${type} is none of a POAManager`);
    }
    if (!Array.isArray(value) || !value.every((each) => typeof each === "string")) {
      throw new PolicyError(
        { reason: 3 },
        "the endpoints of a POAManager are a list of iiop://HOST:PORT",
      );
    }
    options = { listen: value };
  }
  return options;
}
