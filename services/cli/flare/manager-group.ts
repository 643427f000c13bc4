import type { Endpoint, Logger } from "../../../orb/index.ts";
import type { ReplicationManager } from "../../manager/index.ts";
import type { Group, GroupHost, GroupReplicator } from "../../replication/index.ts";

/** The group of managers that this one belongs to. */
export interface ManagerGroup extends AsyncDisposable {
  /** For the manager's ORB. */
  readonly replicator: GroupReplicator;
  /** Whether the replica here is the one that tells agents. */
  readonly isSpeaking: () => boolean;
  /** The manager here is there: it speaks whenever it becomes the primary. */
  attach(manager: ReplicationManager): void;
}

/** Name of the group, at all managers. */
export const MANAGER_GROUP = "ReplicationManager";

/**
 * Opens an endpoint for the messages of the managers of a group.
 * @param at `HOST:PORT` of this one, as the others have it
 * @param members those of all that found the group, this one among them
 * @throws INITIALIZE for an endpoint that cannot be had
 */
export async function openManagerGroup(
  at: string,
  { host, port }: Endpoint,
  members: readonly string[],
  logger: Logger,
): Promise<ManagerGroup> {
  const { openTcpCarrier, openGroupHost } = await import("../../group-net/index.ts");
  const { replicator } = await import("../../replication/index.ts");
  const carrier = await openTcpCarrier({ host, port, logger });
  const groups: GroupHost = openGroupHost({ carrier, site: at, logger });
  let group: Group | undefined;
  return {
    replicator: replicator({
      host: groups,
      entry: { by: "list", addresses: members },
      joined: (door) => (group = door.group),
    }),
    isSpeaking: () => group?.standing.at === "primary",
    attach: (manager) => {
      let isPrimary = group?.standing.at === "primary";
      group?.watch(() => {
        const wasPrimary = isPrimary;
        isPrimary = group?.standing.at === "primary";
        if (!isPrimary || wasPrimary) return;
        logger.info("this manager speaks for the group", { view: group?.view?.view.number });
        manager.speak().catch((error: unknown) => logger.warn("agents are not told", { error }));
      });
    },
    [Symbol.asyncDispose]: () => groups.close(),
  };
}
