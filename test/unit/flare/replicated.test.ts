// The manager as a replicated group: its state is plain, its operations depend on nothing else.
import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import { MemoryTransport, ORB_init } from "../../../orb/index.ts";
import { foundingView, type Message } from "../../../services/group/index.ts";
import { type ReplicationManager, startManager } from "../../../services/manager/index.ts";
import { Flare } from "../../../services/monitor/index.ts";
import { type Divergence, GroupReplica, PlainState } from "../../../services/replication/index.ts";
import { carried } from "../../support/replication/carried.ts";
import { registrationOf, reportOf, Server } from "./support.ts";

const MEMBERS = ["m1", "m2", "m3"];

/** A replica of the manager. */
interface Member {
  readonly id: string;
  readonly manager: ReplicationManager;
  readonly replica: GroupReplica;
  readonly kill: () => Promise<void>;
}

test("three managers beneath one replicated POA: the primary is killed, and nothing is forgotten", async (t) => {
  const transport = new MemoryTransport();
  const clock = new TestClock(0, 1_700_000_000_000);
  const members = new Map<string, Member>();
  const divergences: Divergence[] = [];
  const carry = (from: string, to: string, message: Message): void => {
    const copy = carried(message);
    setImmediate(() => {
      if (members.has(from)) members.get(to)?.replica.receive(from, copy);
    });
  };
  for (const id of MEMBERS) {
    const orb = await ORB_init(["-ORBListenEndpoints", `iiop://${id}:1`], { transport });
    t.teardown(() => orb.destroy());
    let state: PlainState | undefined;
    const replica = new GroupReplica({
      self: id,
      carrier: { send: (to, message) => carry(id, to, message) },
      state: {
        capture: () => (state as PlainState).capture(),
        restore: (octets) => (state as PlainState).restore(octets),
      },
      settings: { style: "active" },
      clock,
      digestEvery: 1,
      diverged: (fault) => void divergences.push(fault),
      founding: foundingView(MEMBERS),
    });
    const manager = await startManager({
      orb,
      gate: replica,
      isSpeaking: () => replica.standing.at === "primary",
      firstVersion: 0n,
    });
    t.teardown(() => manager.close());
    state = new PlainState(new Map([["manager", manager.servant]]));
    const kill = async (): Promise<void> => {
      members.delete(id);
      for (const other of members.values()) other.replica.reset(id);
      await orb.destroy();
    };
    members.set(id, { id, manager, replica, kill });
  }
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !isSo(); i++) {
      clock.advanceMs(25);
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.true(isSo());
  };
  /** Lets the group's time pass while a call is under way. */
  const during = async <T>(call: Promise<T>): Promise<T> => {
    let isOver = false;
    const settled = call.finally(() => {
      isOver = true;
    });
    settled.catch(() => undefined);
    await until(() => isOver);
    return await settled;
  };
  const primary = (): Member | undefined =>
    [...members.values()].find(({ replica }) => replica.standing.at === "primary");
  await until(() => primary() !== undefined);

  const client = await ORB_init(["-ORBListenEndpoints", "iiop://client:1"], { transport });
  t.teardown(() => client.destroy());
  const managing = async (): Promise<Flare.ReplicationManager> => {
    const at = `corbaloc::${primary()?.id}:1/ReplicationManager`;
    const reference = await client.string_to_object(at);
    return Flare.ReplicationManager.uncheckedNarrow(reference) as Flare.ReplicationManager;
  };
  const told: string[] = [];
  class Agent extends Flare.ForwardingAgentSkeleton {
    update(changed: Flare.RankList): void {
      for (const { object_id, version, targets } of changed)
        told.push(`${object_id} ${version} ${targets.length}`);
    }
  }
  client.rootPOA.the_POAManager.activate();
  const agent = Flare.ForwardingAgent.uncheckedNarrow(await client.rootPOA.activate(new Agent()));
  await during((await managing()).register_agent(agent));
  for (const name of ["one", "two", "three"]) {
    const { ior } = await Server.start(t, transport, name);
    const replica = await client.string_to_object(ior);
    await during((await managing()).register_replica(registrationOf(name, replica)));
  }
  await during((await managing()).observe(reportOf("two", 1, 0.9)));
  const targetsAt = ({ manager }: Member): readonly string[] | undefined =>
    manager.servant.state.objects.get("A")?.ranking.targets;
  await until(() => [...members.values()].every((each) => targetsAt(each)?.[1] === "three"));
  await until(() => told.length === 4);

  await primary()?.kill();
  await until(() => primary() !== undefined);
  const before = told.length;
  await during((await managing()).process_failed("one", "one"));
  for (const each of members.values()) t.deepEqual(targetsAt(each), ["three", "two"], each.id);
  await until(() => told.length > before);
  t.deepEqual(told, ["A 1 1", "A 2 2", "A 3 3", "A 4 3", "A 5 2"], "each change is told once");
  t.deepEqual(divergences, []);
});
