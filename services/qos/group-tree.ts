import {
  type ControlGroup,
  type ControlGroups,
  type CpuTime,
  type GroupSettings,
} from "../../native/index.ts";
import type { PlannedGroup } from "./plan.ts";

/** A group that is there. */
interface Made {
  readonly planned: PlannedGroup;
  readonly group: ControlGroup;
}

/** The kernel's. */
const DEFAULT_IO_WEIGHT = 100;

/** As the kernel compares budgets. */
function shareOf({ runtimeUs, periodUs }: CpuTime): number {
  return Math.floor((runtimeUs * 2 ** 20) / periodUs);
}

/** Removes what an earlier daemon left beneath a group's name. @returns how many groups */
export async function removeLeftGroups(groups: ControlGroups, root: string): Promise<number> {
  const controllers = ["cpu", "cpuset", "memory", "io"] as const;
  const left = groups.existing(root, controllers);
  if (left === undefined) return 0;
  const count = left.count();
  await left.remove({ to: groups.base(controllers) });
  return count;
}

/**
 * The groups on this machine, brought from one plan to the next. The kernel checks each write by itself: a
 * group's cores are within those of the group above, and the budgets beneath a group within its own. So
 * budgets fall from the leaves up before any rises from the root down, and cores the other way round.
 */
export class GroupTree {
  readonly #groups: ControlGroups;
  readonly #memoryNodes: readonly number[];
  #made: ReadonlyMap<string, Made> = new Map();

  constructor(groups: ControlGroups) {
    this.#groups = groups;
    this.#memoryNodes = groups.base(["cpuset"]).read().memoryNodes ?? [];
  }

  /** The groups in force, those above before those beneath. */
  get planned(): readonly PlannedGroup[] {
    return [...this.#made.values()].map(({ planned }) => planned);
  }

  group(path: string): ControlGroup | undefined {
    return this.#made.get(path)?.group;
  }

  /**
   * Makes, changes and removes groups until they are as planned; all or nothing where none is removed.
   * @throws ControlGroupError what the kernel refused
   */
  async apply(plan: readonly PlannedGroup[]): Promise<void> {
    await this.#removeAllBut(new Set(plan.map(({ path }) => path)));
    const before = this.#made;
    try {
      this.#change(plan);
    } catch (thrown) {
      await this.#goBack(before);
      throw thrown;
    }
  }

  /** Removes every group; threads go to where they were before there was any. */
  async clear(): Promise<void> {
    await this.#removeAllBut(new Set());
  }

  async #removeAllBut(kept: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#made.values()].filter(({ planned }) => !kept.has(planned.path));
    // The leaves first: a group is removed with those beneath it, and each is told once.
    for (const { planned, group } of gone.toReversed()) {
      const isLane = planned.kind === "KIND_LANE";
      const isRuntimeLeft = kept.has(planned.path.slice(0, planned.path.lastIndexOf("/")));
      await group.remove(
        isLane && isRuntimeLeft ? {} : { to: this.#groups.base(group.controllers) },
      );
      const made = new Map(this.#made);
      made.delete(planned.path);
      this.#made = made;
    }
  }

  async #goBack(before: ReadonlyMap<string, Made>): Promise<void> {
    await this.#removeAllBut(new Set(before.keys()));
    this.#change([...before.values()].map(({ planned }) => planned));
  }

  #change(plan: readonly PlannedGroup[]): void {
    for (const planned of plan.toReversed()) this.#lower(planned);
    for (const planned of plan) this.#raise(planned);
    for (const planned of plan.toReversed()) this.#narrow(planned);
  }

  /** Writes one setting, where there is a file for it, and keeps in mind what is in force. */
  #put<Name extends keyof GroupSettings>(made: Made, name: Name, value: GroupSettings[Name]): Made {
    const { planned, group } = made;
    if (JSON.stringify(planned.settings[name]) === JSON.stringify(value)) return made;
    if (group.can(name)) group.set({ [name]: value });
    const next = {
      group,
      planned: { ...planned, settings: { ...planned.settings, [name]: value } },
    };
    this.#made = new Map(this.#made).set(planned.path, next);
    return next;
  }

  #lower({ path, settings }: PlannedGroup): void {
    const made = this.#made.get(path);
    const now = made?.planned.settings.realtime;
    if (made === undefined || now === undefined || settings.realtime === undefined) return;
    if (shareOf(settings.realtime) < shareOf(now)) this.#put(made, "realtime", settings.realtime);
  }

  #make(planned: PlannedGroup): Made {
    const group = this.#groups.make(planned.path, planned);
    const made = { group, planned: { ...planned, settings: {} } };
    this.#made = new Map(this.#made).set(planned.path, made);
    return this.#memoryNodes.length === 0
      ? made
      : this.#put(made, "memoryNodes", this.#memoryNodes);
  }

  /** Makes it, or gives it more: cores that are to go are still there. */
  #raise(planned: PlannedGroup): void {
    let made = this.#made.get(planned.path) ?? this.#make(planned);
    const { cores: wanted, ...settings } = planned.settings;
    const cores = [...new Set([...(made.planned.settings.cores ?? []), ...(wanted ?? [])])];
    made = this.#put(
      made,
      "cores",
      cores.toSorted((a, b) => a - b),
    );
    for (const [name, value] of Object.entries(settings))
      made = this.#put(made, name as keyof GroupSettings, value);
    // No limit any more.
    const { memoryOctets, ioWeight } = made.planned.settings;
    if (memoryOctets !== undefined && settings.memoryOctets === undefined)
      made = this.#put(made, "memoryOctets", "all");
    if (ioWeight !== undefined && settings.ioWeight === undefined)
      this.#put(made, "ioWeight", DEFAULT_IO_WEIGHT);
  }

  #narrow({ path, settings }: PlannedGroup): void {
    const made = this.#made.get(path);
    if (made !== undefined) this.#put(made, "cores", settings.cores);
  }
}
