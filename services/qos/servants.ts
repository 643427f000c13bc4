import type { Servant } from "../../orb/index.ts";
import { Qos } from "../admission/index.ts";
import type { Keeper } from "./keeper.ts";
import { lanePath, runtimePath } from "./plan.ts";
import { reportOf } from "./report.ts";
import type { Owners } from "./owners.ts";

/** Makes references to servants, and takes them away. */
export interface Home {
  activate(id: string, servant: Servant): void;
  /** With those whose ids begin with it, where it ends in `/`. */
  deactivate(id: string): void;
  daemon(): Qos.Daemon;
  runtime(id: string): Qos.Runtime;
  reservation(id: string): Qos.Reservation;
}

/** What the servants share. */
export interface Realm {
  readonly keeper: Keeper;
  readonly owners: Owners;
  readonly home: Home;
}

function runtimeId(name: string): string {
  return `runtime/${name}`;
}

function laneId(runtime: string, lane: string): string {
  return `lane/${runtime}/${lane}`;
}

/** Qos::Reservation: the leaf of one lane. */
export class ReservationServant extends Qos.ReservationSkeleton {
  readonly #realm: Realm;
  readonly #runtime: string;
  readonly #lane: string;

  constructor(realm: Realm, runtime: string, lane: string) {
    super();
    this.#realm = realm;
    this.#runtime = runtime;
    this.#lane = lane;
  }

  _get_path(): string {
    const { keeper } = this.#realm;
    const { runtime, lane } = keeper.lane(this.#runtime, this.#lane);
    return lanePath(keeper.layout, runtime, lane);
  }

  _get_runs_on(): Qos.Cores {
    const { keeper } = this.#realm;
    const { runtime, lane } = keeper.lane(this.#runtime, this.#lane);
    return keeper.coresOf(runtime, lane);
  }

  _get_demand(): Qos.LaneDemand {
    return this.#realm.keeper.lane(this.#runtime, this.#lane).lane.demand;
  }

  place(threads: Qos.ThreadIds): Promise<void> {
    const { keeper, owners } = this.#realm;
    return keeper.place(owners.asking, this.#runtime, this.#lane, threads);
  }

  threads(): Promise<Qos.ThreadIds> {
    const { keeper, owners } = this.#realm;
    return keeper.look(owners.asking, () => keeper.lane(this.#runtime, this.#lane).group.threads());
  }

  change(demand: Qos.LaneDemand): Promise<void> {
    const { keeper, owners } = this.#realm;
    return keeper.changeLane(owners.asking, this.#runtime, this.#lane, demand);
  }

  async release(): Promise<void> {
    const { keeper, owners, home } = this.#realm;
    await keeper.release(owners.asking, this.#runtime, this.#lane);
    home.deactivate(laneId(this.#runtime, this.#lane));
  }
}

/** Qos::Runtime: what one process was given. */
export class RuntimeServant extends Qos.RuntimeSkeleton {
  readonly #realm: Realm;
  readonly #name: string;

  constructor(realm: Realm, name: string) {
    super();
    this.#realm = realm;
    this.#name = name;
  }

  _get_path(): string {
    const { keeper } = this.#realm;
    return runtimePath(keeper.layout, keeper.runtime(this.#name));
  }

  _get_demand(): Qos.RuntimeDemand {
    return this.#realm.keeper.runtime(this.#name).demand;
  }

  async reserve(demand: Qos.LaneDemand): Promise<Qos.Reservation> {
    const { keeper, owners, home } = this.#realm;
    await keeper.reserve(owners.asking, this.#name, demand);
    const id = laneId(this.#name, demand.name);
    home.activate(id, new ReservationServant(this.#realm, this.#name, demand.name));
    return home.reservation(id);
  }

  settle(): Promise<number> {
    const { keeper, owners } = this.#realm;
    return keeper.settle(owners.asking, this.#name);
  }

  change(demand: Qos.RuntimeDemand): Promise<void> {
    const { keeper, owners } = this.#realm;
    return keeper.changeRuntime(owners.asking, this.#name, demand);
  }

  async leave(): Promise<void> {
    const { keeper, owners } = this.#realm;
    await keeper.leave(owners.asking, this.#name);
    forgetRuntime(this.#realm, this.#name);
  }
}

/** Qos::Daemon. */
export class DaemonServant extends Qos.DaemonSkeleton {
  readonly #realm: Realm;

  constructor(realm: Realm) {
    super();
    this.#realm = realm;
  }

  here(): Qos.Daemon {
    return this.#realm.home.daemon();
  }

  async join(demand: Qos.RuntimeDemand): Promise<Qos.Runtime> {
    const { keeper, owners, home } = this.#realm;
    const name = await keeper.join(owners.asking, demand);
    const id = runtimeId(name);
    home.activate(id, new RuntimeServant(this.#realm, name));
    return home.runtime(id);
  }

  report(): Promise<Qos.Status> {
    const { keeper, owners } = this.#realm;
    return keeper.look(owners.asking, () => reportOf(keeper));
  }

  expel(threads: Qos.ThreadIds): Promise<void> {
    const { keeper, owners } = this.#realm;
    return keeper.expel(owners.asking, threads);
  }
}

/** Takes the objects of a runtime away, and those of its lanes. */
export function forgetRuntime({ home }: Pick<Realm, "home">, name: string): void {
  home.deactivate(runtimeId(name));
  home.deactivate(`lane/${name}/`);
}
