import type { LaneAdapter, LaneManager, ModuleServant } from "../../orb/index.ts";

/** Which object. */
interface Named {
  readonly path: readonly string[];
  readonly objectId: Uint8Array;
}

/** A servant and the object it is. */
export interface ActiveServant extends Named {
  readonly servant: ModuleServant;
}

/** An object that has a priority of its own. */
export interface OwnPriority extends Named {
  readonly priority: number;
}

function pathName(path: readonly string[]): string {
  return path.map((name) => `${name}\0`).join("");
}

function objectName(path: readonly string[], objectId: Uint8Array): string {
  return `${pathName(path)}\0${Buffer.from(objectId).toString("latin1")}`;
}

/** What a thread of a lane was told and is to be told again when it is made anew: its adapters, their managers, servants. */
export class LaneHistory {
  readonly #adapters = new Map<string, LaneAdapter>();
  readonly #servants = new Map<string, ActiveServant>();
  readonly #priorities = new Map<string, OwnPriority>();
  /** What changes priorities. */
  transform: ModuleServant | undefined;

  /** In the order in which they were made: parents first; with their managers as they are now. */
  get adapters(): readonly LaneAdapter[] {
    return [...this.#adapters.values()];
  }

  get priorities(): readonly OwnPriority[] {
    return [...this.#priorities.values()];
  }

  get servants(): readonly ActiveServant[] {
    return [...this.#servants.values()];
  }

  adapterCreated(adapter: LaneAdapter): void {
    this.#adapters.set(pathName(adapter.path), adapter);
  }

  /** With everything beneath it. */
  adapterDestroyed(path: readonly string[]): void {
    const prefix = pathName(path);
    for (const each of [this.#adapters, this.#servants, this.#priorities])
      for (const name of each.keys()) if (name.startsWith(prefix)) each.delete(name);
  }

  managed(manager: LaneManager): void {
    for (const [name, adapter] of this.#adapters)
      if (adapter.manager?.id === manager.id) this.#adapters.set(name, { ...adapter, manager });
  }

  activated(active: ActiveServant): void {
    this.#servants.set(objectName(active.path, active.objectId), active);
  }

  deactivated(path: readonly string[], objectId: Uint8Array): void {
    this.#servants.delete(objectName(path, objectId));
  }

  assigned(path: readonly string[], objectId: Uint8Array, priority: number | undefined): void {
    const name = objectName(path, objectId);
    if (priority === undefined) this.#priorities.delete(name);
    else this.#priorities.set(name, { path, objectId, priority });
  }
}
