// Names over peers of P3 on real sockets, in one process.
import test from "ava";
import { noLogger, systemClock, systemRandom } from "../../../orb/base/index.ts";
import { MemoryVoterStore, type NamesNode } from "../../../services/names/index.ts";
import { openNames, ReplicatedStore } from "../../../services/names-node/index.ts";
import { openPeer, type PeerNode } from "../../../services/p3-net/index.ts";

const HOST = "127.0.0.1";
const component = { id: "doors", kind: "" };

/** Joined peers of one tree; two superpeers a cell, so that four of them are two cells. */
async function joined(count: number): Promise<readonly PeerNode[]> {
  const peers: PeerNode[] = [];
  for (let i = 0; i < count; i++) {
    const seeds = peers.slice(0, 1).map(({ ref }) => ref.address.split(",")[0] ?? "");
    const settings = { mayFound: i === 0 };
    const peer = await openPeer({ host: HOST, seeds, settings });
    peers.push(peer);
    await new Promise<void>((resolve) => {
      const stop = peer.overlay.watch((event) => {
        if (event.kind !== "standing") return;
        if (event.standing.at !== "member" && event.standing.at !== "coordinator") return;
        stop();
        resolve();
      });
      peer.overlay.membership.join();
    });
  }
  return peers;
}

test("what is bound at one peer reaches every copy along the links of the tree", async (t) => {
  const peers = await joined(4);
  const voters = peers.slice(0, 3).map(({ ref }) => ref.address.split(",", 1)[0] ?? "");
  const nodes: NamesNode[] = [];
  try {
    for (const peer of peers)
      nodes.push(
        await openNames({
          self: peer.ref,
          overlay: peer.overlay,
          carrier: peer.carrier("names"),
          voters,
          settings: { gatherMs: 50, syncMs: 100 },
          store: new MemoryVoterStore(),
          clock: systemClock,
          random: systemRandom,
          log: noLogger,
        }),
      );
    const [first, , , last] = nodes.map((node) => new ReplicatedStore(node, 8_000));
    await last?.change("root", { kind: "create" });
    await last?.change("root", {
      kind: "bind",
      component,
      target: { type: "object", ior: "IOR:1" },
    });
    t.truthy((await first?.read("root", component))?.bindings.get(component));
    // Copies, and not answers of voters: the peer that never asked has it, too.
    const third = nodes[2];
    while (third !== undefined && third.status.bindings === 0)
      await new Promise((resolve) => setImmediate(resolve));
    t.is(third?.status.bindings, 1);
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    await Promise.all(peers.map((peer) => peer.close()));
  }
});
