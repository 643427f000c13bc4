// The forwarding agent, and what the manager pushes to it.
import test, { type ExecutionContext } from "ava";
import { AskedTargets, portable, TargetTable } from "../../../interceptors/index.ts";
import { TestClock } from "../../../orb/base/index.ts";
import { MemoryTransport, type ORB, ORB_init, TRANSIENT } from "../../../orb/index.ts";
import { ForwardingAgent } from "../../../services/forwarding/index.ts";
import {
  FailoverLocator,
  Pushes,
  type ReplicationManager,
  startManager,
} from "../../../services/manager/index.ts";
import { Flare } from "../../../services/monitor/index.ts";
import { sample } from "../../support/sample.ts";
import { clientOf, registrationOf, reportOf, Server } from "./support.ts";

const MANAGER = "corbaloc::manager:1/ReplicationManager";

interface Managed {
  readonly transport: MemoryTransport;
  readonly orb: ORB;
  readonly manager: ReplicationManager;
  readonly clock: TestClock;
}

async function managed(
  t: ExecutionContext,
  transport = new MemoryTransport(),
  wallMs = 1_700_000_000_000,
): Promise<Managed> {
  const locator = new FailoverLocator();
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://manager:1"], {
    transport,
    initializers: portable([locator]),
  });
  t.teardown(() => orb.destroy());
  const clock = new TestClock(0, wallMs);
  const manager = await startManager({ orb, locator, clock });
  t.teardown(() => manager.close());
  return { transport, orb, manager, clock };
}

/** Servers of an object "A": each on a processor of its name. */
async function replicas(
  t: ExecutionContext,
  { transport, orb, manager }: Managed,
  names: readonly string[],
): Promise<readonly Server[]> {
  const servers: Server[] = [];
  for (const name of names) {
    const server = await Server.start(t, transport, name);
    servers.push(server);
    const replica = await orb.string_to_object(server.ior);
    await manager.root.register_replica(registrationOf(name, replica));
  }
  return servers;
}

async function proactive(
  t: ExecutionContext,
  transport: MemoryTransport,
  clock = new TestClock(),
): Promise<{
  readonly agent: ForwardingAgent;
  readonly client: Awaited<ReturnType<typeof clientOf>>;
  readonly changes: () => number;
  readonly changed: (count: number) => Promise<void>;
}> {
  let count = 0;
  const waiting = new Set<() => void>();
  class Told extends TargetTable {
    override set(...args: Parameters<TargetTable["set"]>): void {
      super.set(...args);
      count++;
      for (const look of waiting) look();
    }
  }
  const targets = new Told();
  const client = await clientOf(t, transport, { targets }, [
    "-ORBListenEndpoints",
    "iiop://client:1",
    "-ORBInitRef",
    `ReplicationManager=${MANAGER}`,
  ]);
  const agent = await ForwardingAgent.open({ orb: client.orb, targets, clock });
  t.teardown(() => agent.close());
  return {
    agent,
    client,
    changes: () => count,
    changed: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (count < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

test("the agent begins with all targets, and is told what changes, nothing else", async (t) => {
  const scene = await managed(t);
  const [one] = await replicas(t, scene, ["one", "two", "three"]);
  const { agent, client, changes, changed } = await proactive(t, scene.transport);
  t.true(agent.isFed);
  t.is(changes(), 1);
  const { root } = scene.manager;
  await root.observe(reportOf("two", 1, 0.9));
  await changed(2);
  await root.observe(reportOf("two", 2, 0.8));
  await root.observe(reportOf("three", 1, 0.1));
  t.is(changes(), 2, "the order is the same");
  const reference = await client.to(one as Server);
  await one?.crash();
  t.is(await sample.echo(reference, "x"), "three", "the less busy one");
});

test("a replica that fails is no target any more, before any call finds out", async (t) => {
  const scene = await managed(t);
  const [one, two] = await replicas(t, scene, ["one", "two", "three"]);
  const { client, changed } = await proactive(t, scene.transport);
  await scene.manager.root.observe(reportOf("two", 1, 0, ["two"]));
  await changed(2);
  await scene.manager.root.process_failed("one", "one");
  await changed(3);
  t.is(await sample.echo(await client.to(one as Server), "x"), "three");
  t.is(await sample.echo(await client.to(two as Server), "x"), "three");
  t.deepEqual([...(one?.servant.calls ?? []), ...(two?.servant.calls ?? [])], []);
});

test("a connection to the next target is kept open where that is asked for", async (t) => {
  const scene = await managed(t);
  await replicas(t, scene, ["one", "two", "three"]);
  const targets = new TargetTable();
  const client = await clientOf(t, scene.transport, { targets }, [
    "-ORBListenEndpoints",
    "iiop://client:1",
    "-ORBInitRef",
    `ReplicationManager=${MANAGER}`,
  ]);
  const opened = async (count: number): Promise<void> => {
    while (client.orb._connectionCounts.opened < count)
      await new Promise((resolve) => setImmediate(resolve));
    t.is(client.orb._connectionCounts.opened, count);
  };
  await using _agent = await ForwardingAgent.open({ orb: client.orb, targets, ready: ["A", "B"] });
  await opened(2);
  await scene.manager.root.observe(reportOf("two", 1, 0.9));
  await opened(3);
});

test("when the manager is away what it said last holds, and its successor is found", async (t) => {
  const scene = await managed(t);
  const [one] = await replicas(t, scene, ["one", "two"]);
  const clock = new TestClock();
  const { agent, client, changed } = await proactive(t, scene.transport, clock);
  await scene.orb.destroy();
  const reference = await client.to(one as Server);
  await one?.crash();
  t.is(await sample.echo(reference, "x"), "two");
  clock.advanceMs(5_000);
  while (agent.isFed) await new Promise((resolve) => setImmediate(resolve));
  const next = await managed(t, scene.transport, 1_700_000_000_001);
  const three = await replicas(t, next, ["three", "four"]);
  clock.advanceMs(5_000);
  await changed(2);
  t.true(agent.isFed);
  t.is(await sample.echo(await client.to(three[0] as Server), "x"), "three");
  await three[0]?.crash();
  t.is(await sample.echo(await client.to(three[0] as Server), "x"), "four");
});

test("objects that are withdrawn are forgotten", async (t) => {
  const scene = await managed(t);
  await replicas(t, scene, ["one", "two"]);
  const targets = new TargetTable();
  const client = await clientOf(t, scene.transport, { targets }, [
    "-ORBListenEndpoints",
    "iiop://client:1",
    "-ORBInitRef",
    `ReplicationManager=${MANAGER}`,
  ]);
  await using _agent = await ForwardingAgent.open({ orb: client.orb, targets });
  t.deepEqual(targets.objects, ["A"]);
  await scene.manager.root.withdraw_replica("A", "one");
  await scene.manager.root.withdraw_replica("A", "two");
  while (targets.objects.length > 0) await new Promise((resolve) => setImmediate(resolve));
  t.is((await scene.manager.root.report()).agents, 1);
});

test("the reactive client asks when a server has failed, and the manager forwards it", async (t) => {
  const scene = await managed(t);
  const [one, two, three] = await replicas(t, scene, ["one", "two", "three"]);
  const client = await clientOf(t, scene.transport, { targets: new AskedTargets() }, [
    "-ORBInitRef",
    `ReplicationManager=${MANAGER}`,
  ]);
  const reference = await client.to(one as Server);
  t.is(await sample.echo(reference, "x"), "one");
  await one?.crash();
  await scene.manager.root.observe(reportOf("two", 1, 0.9));
  t.is(await sample.echo(reference, "x"), "three", "by the load as it is now");
  // The manager has not heard of any of this.
  await three?.crash();
  t.is(await sample.echo(reference, "x"), "two");
  await two?.crash();
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
});

test("what the manager does not know it says so", async (t) => {
  const scene = await managed(t);
  const stranger = await Server.start(t, scene.transport, "stranger");
  const client = await clientOf(t, scene.transport, { targets: new AskedTargets() }, [
    "-ORBInitRef",
    `ReplicationManager=${MANAGER}`,
  ]);
  const reference = await client.to(stranger);
  await stranger.crash();
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
});

test("registrations that make no sense are refused", async (t) => {
  const { manager, orb } = await managed(t);
  const replica = manager.root;
  const what = { object_id: "A", process: "p", processor: "n", load: 0.1, replica };
  await t.throwsAsync(manager.root.register_replica({ ...what, load: 2 }), {
    instanceOf: Flare.Refused,
  });
  await t.throwsAsync(manager.root.register_replica({ ...what, replica: null }), {
    name: "BAD_PARAM",
  });
  t.is(orb.object_to_string(replica).slice(0, 4), "IOR:");
});

test("a processor whose monitor falls silent has no targets until it is heard of again", async (t) => {
  const scene = await managed(t);
  await replicas(t, scene, ["one", "two"]);
  const { root, servant } = scene.manager;
  await root.observe(reportOf("one", 1, 0));
  await root.observe(reportOf("two", 1, 0));
  scene.clock.advanceMs(4_000);
  await root.observe(reportOf("two", 2, 0));
  scene.clock.advanceMs(2_500);
  const targets = (): readonly string[] => servant.state.objects.get("A")?.ranking.targets ?? [];
  while (targets().length > 1) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(targets(), ["two"]);
  await root.observe({
    ...reportOf("one", 2, 0),
    processes: [{ name: "one", event_loop: 0 }],
  });
  t.deepEqual(targets(), ["two", "one"]);
});

test("pushes: the latest of each object, one at a time, and one that is not reached is forgotten", async (t) => {
  const clock = new TestClock();
  const told: string[] = [];
  const lost: string[] = [];
  let settle: ((fails: boolean) => void) | undefined;
  const pushes = new Pushes({
    push: (agent, changed) => {
      told.push(`${agent}: ${changed.map((each) => `${each.object_id}${each.version}`).join(" ")}`);
      return new Promise((resolve, reject) => {
        settle = (fails) => (fails ? reject(new TRANSIENT("away")) : resolve());
      });
    },
    lost: (agent) => void lost.push(agent),
    clock,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const ranking = (object_id: string, version: bigint): Flare.Ranking => ({
    object_id,
    version,
    targets: [],
    gone: [],
  });
  pushes.tell(["x"], [ranking("A", 1n)]);
  pushes.tell(["x"], [ranking("A", 2n), ranking("B", 3n)]);
  pushes.tell(["x"], [ranking("A", 4n)]);
  settle?.(false);
  await turn();
  t.deepEqual(told, ["x: A1", "x: A4 B3"]);
  for (let i = 0; i < 5; i++) {
    settle?.(true);
    await turn();
    clock.advanceMs(200 * 2 ** i);
    await turn();
  }
  t.is(told.length, 6, "five attempts");
  t.deepEqual(lost, ["x"]);
  pushes.tell(["y"], [ranking("A", 5n)]);
  pushes.tell(["z"], [ranking("A", 6n)]);
  t.deepEqual(told.slice(6), ["y: A5", "z: A6"]);
  pushes.close();
  pushes.tell(["y"], [ranking("A", 7n)]);
  t.is(told.length, 8);
});
