import { type GroupControl, groupStatus } from "../group-control/index.ts";
import type { Answer, KnownCell, Standing } from "../overlay/index.ts";
import type { Door } from "../replication/index.ts";
import type { OverlayNode } from "./overlay-node.ts";
import type { Services } from "./services.ts";

/** Peers asked for at the most: a page of JSON is no place for more. */
const MOST_PEERS = 10_000;

/** What `/topology` says. */
export interface Topology {
  readonly peer: { readonly name: string; readonly id: string; readonly address: string };
  readonly standing: Standing | undefined;
  /** The cells that this peer knows, its own first, each with its peers in the order they joined. */
  readonly tree: readonly KnownCell[];
  /** Neighbours: how sure this peer is that each is dead (phi). */
  readonly suspicion: Readonly<Record<string, number>>;
  /** All peers that this one, or the way up to the root, knows of. */
  readonly peers: readonly { readonly id: string; readonly address: string }[];
  /** Why `peers` is empty, where it is. */
  readonly peersUnknown?: string;
  readonly services: readonly { readonly name: string; readonly state: string }[];
  /** Groups that have a replica here. */
  readonly groups: readonly GroupTopology[];
}

/** As {@link GroupControl.Group}, in numbers that JSON has. */
type GroupTopology = Omit<GroupControl.Group, "sent_elsewhere"> & {
  readonly sent_elsewhere: number;
};

/** What a peer has that its topology tells of. */
export interface TopologyParts {
  readonly node: OverlayNode | undefined;
  readonly services: Services | undefined;
  readonly groups: Iterable<Door>;
}

export async function topologyOf(
  name: string,
  { node, services, groups: doors }: TopologyParts,
): Promise<Topology> {
  const own = (services?.list() ?? []).map(({ spec, state }) => ({
    name: spec.name,
    state: state.at,
  }));
  const groups = [...doors].map((door): GroupTopology => {
    const status = groupStatus(door);
    return { ...status, sent_elsewhere: Number(status.sent_elsewhere) };
  });
  if (node === undefined)
    return {
      peer: { name, id: "", address: "" },
      standing: undefined,
      tree: [],
      suspicion: {},
      peers: [],
      services: own,
      groups,
    };
  const { membership, discovery, faultTolerance } = node.overlay;
  const suspicion: Record<string, number> = {};
  for (const { ref } of membership.cell()) {
    const phi = faultTolerance.suspicion(ref.id);
    if (phi !== undefined) suspicion[ref.id] = phi;
  }
  const answer = await new Promise<Answer>((done) =>
    discovery.ask({ of: "peer", count: MOST_PEERS }, done),
  );
  return {
    peer: { name, ...node.ref },
    standing: membership.standing(),
    tree: membership.tree(),
    suspicion,
    peers: answer.kind === "found" ? answer.found.map(({ peer }) => peer) : [],
    ...(answer.kind === "late"
      ? { peersUnknown: `no answer within ${Math.round(answer.elapsedMs)} ms` }
      : {}),
    services: own,
    groups,
  };
}
