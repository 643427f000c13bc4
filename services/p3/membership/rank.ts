import type { RootRank } from "../message.ts";
import { asCoordinator, type State } from "../state/state.ts";

export function rankOf(state: State): RootRank {
  const here = asCoordinator(state);
  const members = here?.cell.directory.get("")?.members ?? [];
  return {
    isRoot: here?.seat.up.at === "root",
    voterCount: members.filter(({ ref }) => state.settings.voters.includes(ref.id)).length,
    peerCount: here?.cell.directory.peerCount ?? 0,
    id: state.self.ref.id,
  };
}

/**
 * Whether root `a` stays when it meets `b`: a settled one before one that is still looking, then the one whose cell
 * has more of the configured voters, then the larger tree, then the lower id. Never true both ways.
 */
export function outranks(a: RootRank, b: RootRank): boolean {
  if (a.isRoot !== b.isRoot) return a.isRoot;
  if (a.voterCount !== b.voterCount) return a.voterCount > b.voterCount;
  if (a.peerCount !== b.peerCount) return a.peerCount > b.peerCount;
  return a.id < b.id;
}
