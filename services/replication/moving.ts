import { TIMEOUT } from "../../orb/index.ts";
import { type MemberId, type Style, STYLES } from "../group/index.ts";
import type { Door } from "./door.ts";
import type { Group } from "./port.ts";
import { until } from "./until.ts";

/**
 * The primary, which must be this process's member, gives its place to another one; settled when it has.
 * @throws RangeError naming who is the primary, or who are the members; TIMEOUT when the signal ends it
 */
export async function movePrimary(group: Group, to: MemberId, signal: AbortSignal): Promise<void> {
  const members = group.view?.view.members ?? [];
  if (!members.includes(to))
    throw new RangeError(`${to} is not in group ${group.name}; its members: ${members.join(", ")}`);
  if (to === group.self && group.standing.at === "primary") return;
  if (group.standing.at !== "primary") throw notPrimary(group);
  group.handOver(to);
  await standing(group, (at) => at !== "primary" && at !== "wedged", signal);
}

/**
 * Takes this process's replica out of its group without a client noticing: the primary's place goes to another member,
 * clients that understand it are sent there with their next request, what was read is answered, and the member leaves.
 * What is left are clients that were idle, and those that cannot be told apart: the POA sends the former to the others
 * as long as it stays (`door.sendsAway`), and all go on by the other addresses of their references when the ORB is shut
 * down after this. A group that has no other member ends.
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

/**
 * The primary, which must be this process's member, has its group run in another way while clients call it: settled when
 * a view says so. All members change after the same operation; what was acknowledged stays, and nothing is executed twice.
 * @throws RangeError for a style that this group cannot have, and why; TIMEOUT when the signal ends it: then it stays
 */
export async function changeStyle(door: Door, style: string, signal: AbortSignal): Promise<void> {
  const { group } = door;
  const wanted = STYLES.find((one) => one === style);
  const why = wanted === undefined ? `allowed: ${STYLES.join(", ")}` : refusalOf(door, wanted);
  if (why !== undefined) throw new RangeError(`group ${group.name} cannot be ${style}: ${why}`);
  if (door.current.style === wanted) return;
  if (group.standing.at !== "primary") throw notPrimary(group);
  group.restyle(wanted);
  try {
    await until(
      () => door.current.style === wanted || !isPrimary(group),
      (wake) => group.watch(wake),
      signal,
      () => `group ${group.name} is still ${door.current.style}`,
    );
  } finally {
    group.restyle(undefined);
  }
  if (door.current.style !== wanted)
    throw new RangeError(
      `another member of group ${group.name} has become the primary: it is still ${door.current.style}`,
    );
}

/** Who asks here is told who is; or that it is this one, which cannot say anything for the group at the moment. */
function notPrimary({ self, name, standing, view }: Group): RangeError {
  const primary = view?.view.primary;
  return new RangeError(
    primary === self
      ? `${self}, the primary of group ${name}, is ${standing.at} at the moment: try again`
      : `${self} is not the primary of group ${name}: ${primary ?? "nobody known"} is`,
  );
}

/** A view is about to end where its primary has it ended, too. */
function isPrimary({ standing: { at } }: Group): boolean {
  return at === "primary" || at === "wedged";
}

/** Why a group cannot be run like this; undefined: it can. */
function refusalOf({ group, current }: Door, style: Style): string | undefined {
  if (style === current.style) return undefined;
  if (style === "cold-passive") return "it was founded without stores for its log";
  if (current.style === "cold-passive") return "only its primary has the state of its log";
  if (style !== "active") return undefined;
  if (current.deterministic === false)
    return "its servants are not deterministic, as its policy says; in semi-active groups the primary decides";
  const { divergence } = group;
  if (divergence === undefined) return undefined;
  return `its servants are not deterministic: ${divergence.member} had another state after operation ${divergence.op}`;
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
