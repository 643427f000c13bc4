import test, { type ExecutionContext } from "ava";
import { type ORB, ORB_init } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { lanePool, PrioritySample } from "./support.ts";
import { at, MODULE, seer, type Threads, threads } from "./threads.ts";

interface Chain extends Threads {
  /** What the last one of the chain saw. */
  readonly seen: (number | undefined)[];
  readonly lastUrl: string;
}

/** Another server with the same lanes, that a servant in a lane of threads calls as initial reference `Last`. */
async function chain(t: ExecutionContext, args: readonly string[] = []): Promise<Chain> {
  const last: ORB = await ORB_init();
  t.teardown(() => last.destroy());
  last.rootPOA.the_POAManager.activate();
  const poa = await last.rootPOA.createPoa("last", {
    threadpool: await lanePool(last),
    priorityModel: { model: "CLIENT_PROPAGATED", priority: 5_000 },
  });
  const servant = new PrioritySample(last);
  const lastUrl = last.object_to_string(await poa.activate(servant));
  const all = await threads(t, { args: ["-ORBInitRef", `Last=${lastUrl}`, ...args] });
  return { ...all, seen: servant.seen, lastUrl };
}

const relaying = { module: MODULE, export: "Relaying", args: ["Last"] };

test.serial(
  "what a servant in a lane of threads calls on, behind an await, goes on at the lane's priority",
  async (t) => {
    const { server, client, pool, far, seen } = await chain(t);
    const poa = await server.rootPOA.createPoa("p", {
      idAssignment: "USER_ID",
      threadpool: pool,
      priorityModel: { model: "CLIENT_PROPAGATED", priority: 5_000 },
    });
    const first = await far(await poa.activateModule("a", relaying));
    for (const priority of [25_000, 15_000]) t.is(await at(client, priority, first), "x");
    t.deepEqual(seen, [25_000, 15_000]);
  },
);

test.serial("in a pool without lanes it goes on at the request's own priority", async (t) => {
  const { server, client, far, seen } = await chain(t);
  const flat = await server.rt.create_threadpool(0, 1, 0, 100, false, 0, 0, { name: "flat" });
  const poa = await server.rootPOA.createPoa("p", {
    idAssignment: "USER_ID",
    threadpool: flat,
    priorityModel: { model: "CLIENT_PROPAGATED", priority: 5_000 },
  });
  const first = await far(await poa.activateModule("a", relaying));
  const both = [at(client, 25_000, first), at(client, 15_000, first)];
  t.deepEqual(await Promise.all(both), ["x", "x"]);
  t.deepEqual(new Set(seen), new Set([25_000, 15_000]));
});

test.serial(
  "arguments of the program hold for lanes: initial references, and where they listen; the name does not",
  async (t) => {
    const host = "127.0.0.2";
    const { server, pool, far, client } = await chain(t, [
      "-ORBid",
      `of the main thread ${process.pid}`,
      "-ORBListenEndpoints",
      `iiop://${host}:0`,
    ]);
    const { lanes } = server.rt.threadpoolState(pool);
    t.deepEqual([...new Set(lanes.map(({ endpoint }) => endpoint?.host))], [host]);
    const poa = await server.rootPOA.createPoa("p", {
      idAssignment: "USER_ID",
      threadpool: pool,
      priorityModel: { model: "SERVER_DECLARED", priority: 15_000 },
    });
    t.is(await sample.echo(await far(await poa.activateModule("a", relaying)), "x"), "x");
    t.regex(await at(client, 1, await far(await poa.activateModule("b", seer))), /^15000 /);
  },
);
