// Thread pools of ours, called by omniORB's client, which knows nothing of priorities.
import type { ExecutionContext } from "ava";
import { type CreatePoaOptions, type ORB, ORB_init } from "../../../orb/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { runCppClient } from "../cpp-peers.ts";
import { declareCheck } from "../results.ts";
import { Root } from "../servants/root.ts";

const peers = await findPeers();

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`real-time/${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

const LANES = [5_000, 15_000, 25_000].map((lane_priority) => ({
  lane_priority,
  static_threads: 1,
  dynamic_threads: 0,
}));

/** A Root that notes the priority it is called at. */
class Prioritized extends Root {
  readonly #orb: ORB;
  readonly seen = new Set<number>();

  constructor(orb: ORB) {
    super(orb);
    this.#orb = orb;
  }

  override _get_of_primitives(): ReturnType<Root["_get_of_primitives"]> {
    this.seen.add(this.#orb.rt.current.the_priority);
    return super._get_of_primitives();
  }
}

/** A server with a Root in a POA of a pool with lanes. */
async function served(
  t: ExecutionContext,
  options: CreatePoaOptions,
): Promise<{
  readonly orb: ORB;
  readonly pool: number;
  readonly root: Prioritized;
  readonly ior: string;
}> {
  const orb = await ORB_init();
  t.teardown(() => orb.destroy());
  const pool = await orb.rt.create_threadpool_with_lanes(0, LANES, false, true, 100, 0);
  const poa = await orb.rootPOA.createPoa("lanes", {
    ...options,
    threadpool: pool,
    idAssignment: "USER_ID",
  });
  const root = new Prioritized(orb);
  const reference = await poa.activate("root", root);
  await root.prepare();
  orb.rootPOA.the_POAManager.activate();
  return { orb, pool, root, ior: orb.object_to_string(reference) };
}

declare("propagated.omniorb_client", async (t, found) => {
  const { orb, pool, root, ior } = await served(t, {
    priorityModel: { model: "CLIENT_PROPAGATED", priority: 15_000 },
  });
  const outcomes = await runCppClient(found, ior, ["primitives.ping"]);
  t.deepEqual([...outcomes], [["primitives.ping", undefined]]);
  t.deepEqual([...root.seen], [15_000], "the priority of the POA");
  t.true(orb.rt.threadpoolState(pool).strayCount > 0, "it comes to the first lane's endpoint");
});

declare("declared.omniorb_client", async (t, found) => {
  const { orb, pool, root, ior } = await served(t, {
    priorityModel: { model: "SERVER_DECLARED", priority: 25_000 },
  });
  const outcomes = await runCppClient(found, ior, ["primitives.ping"]);
  t.deepEqual([...outcomes], [["primitives.ping", undefined]]);
  t.deepEqual([...root.seen], [25_000]);
  t.is(orb.rt.threadpoolState(pool).strayCount, 0, "the reference names its lane alone");
});
