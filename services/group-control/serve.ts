import { addressesOf, type ORB, SystemException, TIMEOUT, UserException } from "../../orb/index.ts";
import { changeStyle, type Door, lossWindow, movePrimary, retire } from "../replication/index.ts";
import * as GroupControl from "./gen/GroupControl.ts";

/** The object key of each process's control of its groups. */
export const GROUP_CONTROL_KEY: string = "GroupControl";

/** What an operator may wait for at most, milliseconds. */
const LONGEST_MS = 600_000;

export interface GroupControlOptions {
  /** By the names of the groups: `doors` of a `replicator`. */
  readonly doors: ReadonlyMap<string, Door>;
  /** Makes a replica of a group here: the POA that asks for it, and its servants. By the names of groups. */
  readonly factories?: Readonly<Record<string, () => Promise<void>>>;
}

class ControlServant extends GroupControl.ControlSkeleton {
  readonly #options: GroupControlOptions;

  constructor(options: GroupControlOptions) {
    super();
    this.#options = options;
  }

  override list(): GroupControl.GroupList {
    return [...this.#options.doors.values()].map(groupStatus);
  }

  override show(name: string): GroupControl.Group {
    return groupStatus(this.#door(name));
  }

  override async move(name: string, to: string, timeout_ms: number): Promise<void> {
    const { group } = this.#door(name);
    await done(() => movePrimary(group, to, within(timeout_ms)));
  }

  override async change_style(name: string, style: string, timeout_ms: number): Promise<void> {
    const door = this.#door(name);
    await done(() => changeStyle(door, style, within(timeout_ms)));
  }

  override async add(name: string, timeout_ms: number): Promise<void> {
    const { doors, factories = {} } = this.#options;
    const factory = Object.hasOwn(factories, name) ? factories[name] : undefined;
    const known = Object.keys(factories).join(", ") || "none";
    if (factory === undefined)
      throw notDone(`this process can make no replica of ${name}; of these it can: ${known}`);
    const before = doors.get(name);
    if (before !== undefined && before.group.standing.at !== "left")
      throw notDone(`${name} has a replica here already, which is ${before.group.standing.at}`);
    const signal = within(timeout_ms);
    await done(async () => {
      await asLongAs(signal, factory(), `the replica of ${name} is still being made`);
      await this.#door(name).ready(signal);
    });
  }

  override async remove(name: string, timeout_ms: number): Promise<void> {
    const door = this.#door(name);
    const others = door.group.view?.members.filter(({ id }) => id !== door.group.self) ?? [];
    if (others.length === 0)
      throw notDone(`the replica here is the last one of ${name}: its state would be lost`);
    // It may be the only one that has the state; and without its vote the other one could not go on.
    if (others.length === 1 && door.group.standing.at === "wedged")
      throw notDone(
        `the other replica of ${name} cannot be reached at the moment, or a view is about to begin: try again`,
      );
    await done(() => retire(door, within(timeout_ms)));
  }

  #door(name: string): Door {
    const { doors } = this.#options;
    const door = doors.get(name);
    if (door !== undefined) return door;
    throw new GroupControl.UnknownGroup({ group_name: name, known: [...doors.keys()] });
  }
}

/** A group as its replica here sees it. */
export function groupStatus(door: Door): GroupControl.Group {
  const { group, current } = door;
  const { view } = group;
  return {
    name: group.name,
    style: current.style ?? "",
    loss_window: lossWindow(current),
    replicas: current.replicas ?? 0,
    view: view?.view.number ?? 0,
    members: (view?.members ?? []).map(({ id, site, profiles }) => {
      const [first] = addressesOf(profiles);
      return { id, site, address: first === undefined ? "" : `${first.host}:${first.port}` };
    }),
    self: group.self,
    standing: group.standing.at,
    sent_elsewhere: BigInt(door.sentCount),
  };
}

function within(timeoutMs: number): AbortSignal {
  return AbortSignal.timeout(Math.min(timeoutMs, LONGEST_MS));
}

/** What was begun goes on when the signal ends the wait. @throws TIMEOUT then, with this text */
async function asLongAs(signal: AbortSignal, work: Promise<void>, text: string): Promise<void> {
  let end: (() => void) | undefined;
  const over = new Promise<never>((_, reject) => {
    end = () => reject(new TIMEOUT(text));
    signal.addEventListener("abort", end);
  });
  try {
    await Promise.race([work, over]);
  } finally {
    if (end !== undefined) signal.removeEventListener("abort", end);
  }
}

function notDone(reason: string): GroupControl.NotDone {
  return new GroupControl.NotDone({ reason });
}

/** @throws NotDone for what was refused, failed, or took too long */
async function done(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const isTold = error instanceof Error && !(error instanceof UserException);
    if (!isTold || (error instanceof SystemException && !(error instanceof TIMEOUT))) throw error;
    throw notDone(error.message);
  }
}

/** Lets operators see and move the replicas of a process, at the object key `GroupControl`. @returns ends it */
export async function serveGroupControl(
  orb: ORB,
  options: GroupControlOptions,
): Promise<() => Promise<void>> {
  const adapter = await orb.rootPOA.create_POA("GroupControl", null, []);
  adapter.the_POAManager.activate();
  orb.bindPlainKey(GROUP_CONTROL_KEY, await adapter.activate(new ControlServant(options)));
  return async () => {
    orb.bindPlainKey(GROUP_CONTROL_KEY, null);
    await adapter.destroy(true, true);
  };
}
