import type { LaneAdapter, ModuleServant } from "../../orb/index.ts";

/** A servant and the object it is. */
export interface ActiveServant {
  readonly path: readonly string[];
  readonly objectId: Uint8Array;
  readonly servant: ModuleServant;
}

function pathName(path: readonly string[]): string {
  return path.map((name) => `${name}\0`).join("");
}

function objectName(path: readonly string[], objectId: Uint8Array): string {
  return `${pathName(path)}\0${Buffer.from(objectId).toString("latin1")}`;
}

/** What a thread of a lane was told and is to be told again when it is made anew: its adapters and servants. */
export class LaneHistory {
  readonly #adapters = new Map<string, LaneAdapter>();
  readonly #servants = new Map<string, ActiveServant>();

  /** In the order in which they were made: parents first. */
  get adapters(): readonly LaneAdapter[] {
    return [...this.#adapters.values()];
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
    for (const name of this.#adapters.keys())
      if (name.startsWith(prefix)) this.#adapters.delete(name);
    for (const name of this.#servants.keys())
      if (name.startsWith(prefix)) this.#servants.delete(name);
  }

  activated(active: ActiveServant): void {
    this.#servants.set(objectName(active.path, active.objectId), active);
  }

  deactivated(path: readonly string[], objectId: Uint8Array): void {
    this.#servants.delete(objectName(path, objectId));
  }
}
