import { TIMEOUT } from "../../orb/index.ts";
import type { MemberId } from "../group/index.ts";
import type { Door } from "./door.ts";
import type { Group } from "./port.ts";
import { until } from "./until.ts";

/**
 * The primary, which must be this process's member, gives its place to another one; settled when it has.
 * @throws RangeError naming who is the primary, or who are the members; TIMEOUT when the signal ends it
 */
export async function movePrimary(group: Group, to: MemberId, signal: AbortSignal): Promise<void> {
  const view = group.view?.view;
  const members = view?.members ?? [];
  if (!members.includes(to))
    throw new RangeError(`${to} is not in group ${group.name}; its members: ${members.join(", ")}`);
  if (to === group.self && group.standing.at === "primary") return;
  if (group.standing.at !== "primary")
    throw new RangeError(
      `${group.self} is not the primary of group ${group.name}: ${view?.primary ?? "nobody known"} is`,
    );
  group.handOver(to);
  await standing(group, (at) => at !== "primary" && at !== "wedged", signal);
}

/**
 * Takes this process's replica out of its group without a client noticing: the primary's place goes to another member,
 * clients that understand it are sent there with their next request, what was read is answered, and the member leaves.
 * What is left are clients that were idle, and those that cannot be told apart: they go on by the other addresses of
 * their references when the ORB is shut down after this. A group that has no other member ends.
 * @param signal then the member leaves as it is
 */
export async function retire(door: Door, signal: AbortSignal): Promise<void> {
  const { group } = door;
  const others = group.view?.members.filter(({ id }) => id !== group.self) ?? [];
  try {
    const [next] = others;
    if (next !== undefined && group.standing.at === "primary")
      await movePrimary(group, next.id, signal);
    if (next !== undefined) door.sendAway();
    await door.settled(signal);
  } catch (error) {
    // Others take over from a member that is gone, too.
    if (!(error instanceof TIMEOUT)) throw error;
  } finally {
    await group.leave();
  }
}

/** Settled when the member stands so. @throws TIMEOUT when the signal ends it */
async function standing(
  group: Group,
  isSo: (at: Group["standing"]["at"]) => boolean,
  signal: AbortSignal,
): Promise<void> {
  await until(
    () => isSo(group.standing.at),
    (wake) => group.watch(wake),
    signal,
    () => {
      return `${group.self} of group ${group.name} is still ${group.standing.at}`;
    },
  );
}
