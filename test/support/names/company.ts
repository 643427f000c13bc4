import { systemClock, systemRandom } from "../../../orb/base/index.ts";
import { type ORB, ORB_init } from "../../../orb/index.ts";
import { MemoryVoterStore, NamesNode, type VoterStore } from "../../../services/names/index.ts";
import {
  decodeNamesMessage,
  encodeNamesMessage,
  ReplicatedStore,
  serveNamesControl,
} from "../../../services/names-node/index.ts";
import { type NamingService, startNaming } from "../../../services/naming/index.ts";
import type { PeerRef } from "../../../services/overlay/index.ts";

/** A peer that keeps names and serves CosNaming, each with an ORB and a port of its own. */
export interface NamingPeer {
  readonly id: string;
  readonly orb: ORB;
  readonly node: NamesNode;
  readonly naming: NamingService;
  readonly port: number;
}

/** The last of the four has no vote. */
const REFS: readonly PeerRef[] = ["a", "b", "c", "d"].map((id) => ({ id, address: id }));

/** Peers of one process with CosNaming on each; what they say of names goes from one to the other as octets. */
export class NamingCompany implements AsyncDisposable {
  readonly peers: Map<string, NamingPeer> = new Map();
  readonly #nodes: Map<string, NamesNode> = new Map();

  /** All of them, with a root context. */
  static async start(ids: readonly string[] = ["a", "b", "c", "d"]): Promise<NamingCompany> {
    const company = new NamingCompany();
    try {
      const opened = await Promise.all(ids.map((id) => company.open(id)));
      for (const { node } of opened) node.link(REFS);
      await Promise.all(opened.map(({ id, orb, node }) => company.#serve(id, orb, node)));
      return company;
    } catch (error) {
      await company[Symbol.asyncDispose]();
      throw error;
    }
  }

  peer(id: string): NamingPeer {
    const peer = this.peers.get(id);
    if (peer === undefined) throw new RangeError(`no peer ${id}`);
    return peer;
  }

  /** Where clients reach the naming services of those that were started, the first first. */
  corbaloc(ids: readonly string[]): string {
    const places = ids.map((id) => `iiop:1.2@127.0.0.1:${this.peer(id).port}`);
    return `corbaloc:${places.join(",")}/NameService`;
  }

  /** Ends a peer: its connections break, nobody is told. */
  async stop(id: string): Promise<void> {
    const peer = this.peers.get(id);
    this.peers.delete(id);
    this.#nodes.delete(id);
    await peer?.orb.destroy();
    await peer?.node.close();
  }

  async open(
    id: string,
    store: VoterStore = new MemoryVoterStore(),
  ): Promise<{ readonly id: string; readonly orb: ORB; readonly node: NamesNode }> {
    const self = REFS.find((ref) => ref.id === id);
    if (self === undefined) throw new RangeError(`no peer ${id}`);
    const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
    const node = await NamesNode.open({
      self,
      settings: { voters: REFS.slice(0, 3), gatherMs: 20, hedgeMs: 100, syncMs: 50 },
      clock: systemClock,
      random: systemRandom,
      store,
      send: (to, message) => {
        const octets = encodeNamesMessage(message);
        setImmediate(() => this.#nodes.get(to.id)?.receive(self, decodeNamesMessage(octets)));
      },
    });
    this.#nodes.set(id, node);
    return { id, orb, node };
  }

  async #serve(id: string, orb: ORB, node: NamesNode): Promise<void> {
    const naming = await startNaming({
      orb,
      store: new ReplicatedStore(node, 3_000),
      realm: "test",
      others: () =>
        [...this.peers.values()]
          .filter((peer) => peer.id !== id)
          .map(({ port }) => ({ host: "127.0.0.1", port })),
    });
    await serveNamesControl(orb, node);
    const port = orb.endpoints[0]?.port ?? 0;
    this.peers.set(id, { id, orb, node, naming, port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.peers.keys()) await this.stop(id);
  }
}
