import { type Metrics, noMetrics } from "../../orb/base/index.ts";
import type { Door, Group, GroupNews } from "../replication/index.ts";

/** What happens to the groups of a process, told as plain data that JSON can hold. */
export interface GroupWatchOptions {
  readonly tell?: (what: Readonly<Record<string, unknown>>) => void;
  readonly metrics?: Metrics;
}

/**
 * Tells of each group whose replica is here: the views as they change, with style, primary and members by their sites;
 * where the replica stands; that it comes back, or has ended. Counts them, too.
 */
export class GroupWatch {
  readonly #tell: (what: Readonly<Record<string, unknown>>) => void;
  readonly #members: ReturnType<Metrics["gauge"]>;
  readonly #primary: ReturnType<Metrics["gauge"]>;
  readonly #views: ReturnType<Metrics["counter"]>;

  constructor({ tell = () => undefined, metrics = noMetrics }: GroupWatchOptions) {
    this.#tell = tell;
    const labels = ["group"];
    this.#members = metrics.gauge(
      "orbweaver_group_members",
      "members of the view of a group that has a replica here",
      labels,
    );
    this.#primary = metrics.gauge(
      "orbweaver_group_primary",
      "1 where the replica here is the primary of its group",
      labels,
    );
    this.#views = metrics.counter(
      "orbweaver_group_views_total",
      "views of a group that the replica here has seen begin",
      labels,
    );
  }

  /** From now on this group is told of, until its replica has left. */
  add(door: Door): void {
    const { group } = door;
    const labels = { group: group.name };
    const seen = { view: 0, at: "", members: 0, primary: 0 };
    const count = (members: number, primary: number): void => {
      if (members !== seen.members) this.#members.add(members - seen.members, labels);
      if (primary !== seen.primary) this.#primary.add(primary - seen.primary, labels);
      Object.assign(seen, { members, primary });
    };
    const look = (news?: GroupNews): void => {
      const { standing, view } = group;
      const isLeft = standing.at === "left";
      count(isLeft ? 0 : (view?.members.length ?? 0), standing.at === "primary" ? 1 : 0);
      if (view !== undefined && view.view.number > seen.view) {
        seen.view = view.view.number;
        this.#views.add(1, labels);
        this.#tell(viewOf(door));
      }
      if (standing.at !== seen.at) {
        seen.at = standing.at;
        this.#tell({ kind: "standing", ...labels, at: standing.at, view: seen.view });
      }
      if (news?.kind === "rejoining")
        this.#tell({ kind: "rejoining", ...labels, former: news.former });
      if (news?.kind === "failed")
        this.#tell({ kind: "failed", ...labels, error: String(news.error) });
      if (isLeft) unwatch();
    };
    const unwatch = group.watch(look);
    look();
  }
}

function viewOf({ group, current }: Door): Readonly<Record<string, unknown>> {
  return { kind: "view", group: group.name, style: current.style, ...membersOf(group) };
}

function membersOf({ view }: Group): Readonly<Record<string, unknown>> {
  const sites = (view?.members ?? []).map(({ id, site }) => ({ id, site }));
  return { view: view?.view.number, primary: sites[0]?.site, members: sites };
}
