import { foundingView, type MemberId } from "../../../services/group/index.ts";
import type { Group, GroupNews, GroupView } from "../../../services/replication/index.ts";

/** A group as its owner sees it, told what to be. */
export class ToldGroup implements Pick<Group, "name" | "standing" | "view" | "watch"> {
  readonly name = "bank";
  view: GroupView;
  standing: Group["standing"];
  readonly #heard: Set<(news: GroupNews) => void> = new Set();

  constructor(members: readonly MemberId[], isPrimary: boolean, primary?: MemberId) {
    const view = foundingView(members);
    this.view = { group: this.name, view, members: [] };
    this.standing = { at: isPrimary ? "primary" : "follower", view };
    this.become(members, isPrimary, primary);
  }

  watch(heard: (news: GroupNews) => void): () => void {
    this.#heard.add(heard);
    return () => void this.#heard.delete(heard);
  }

  become(
    members: readonly MemberId[],
    isPrimary: boolean,
    primary: MemberId = members[0] ?? "",
  ): void {
    const view = { ...foundingView(members), primary };
    const cards = members.map((id) => ({ id, site: id.slice(0, 1), profiles: [] }));
    this.view = { group: this.name, view, members: cards };
    this.standing = { at: isPrimary ? "primary" : "follower", view };
    for (const heard of this.#heard) heard({ kind: "view", view: this.view });
  }
}
