import test, { type ExecutionContext } from "ava";
import {
  AdapterInactive,
  BAD_INV_ORDER,
  ENDPOINTS_POLICY_TYPE,
  GATE_POLICY_TYPE,
  INITIALIZE,
  ManagerAlreadyExists,
  MINOR,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  ORB_init,
  PolicyError,
  REPLICATION_POLICY_TYPE,
  TRANSIENT,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { ACTIVATOR, pair, refused } from "./support.ts";

async function managed(t: ExecutionContext, maxHeld?: number) {
  const orbs = await pair(t);
  const factory = orbs.server.rootPOA.the_POAManagerFactory;
  const options = maxHeld === undefined ? {} : { maxHeld };
  const manager = await factory.createManager("mine", options);
  const poa = await orbs.server.rootPOA.createPoa("managed", { manager });
  const servant = new Sample();
  const near = await poa.activate(servant);
  return {
    ...orbs,
    factory,
    manager,
    adapter: poa,
    servant,
    near,
    reference: await orbs.far(near),
  };
}

/** Calls `during` in the middle of `echo`, behind an `await`. */
class Midway extends Sample {
  during: () => unknown = () => undefined;

  override async echo(text: string): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    await this.during();
    return text;
  }
}

test("initial state HOLDING: requests are queued, no reply; ACTIVE: dispatch", async (t) => {
  const { manager, reference, near, servant } = await managed(t);
  t.is(manager.get_state(), "HOLDING");
  const held = [sample.echo(reference, "far"), sample.echo(near, "near")];
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([manager.heldCount, servant.calls.length], [2, 0]);
  manager.activate();
  t.deepEqual(await Promise.all(held), ["far", "near"]);
});

test("HOLDING, queue limit => TRANSIENT OMG|1 that says so; the limit is configurable", async (t) => {
  const { manager, reference } = await managed(t, 1);
  const held = sample.echo(reference, "held");
  await refused(t, sample.echo(reference, "x"), TRANSIENT, MINOR.requestDiscarded);
  manager.activate();
  await held;
  await using orb = await ORB_init([], { config: { orb: { maxHeldRequests: 1 } } });
  const near = await orb.rootPOA.activate(new Sample());
  const first = sample.echo(near, "first");
  const error = await t.throwsAsync(sample.echo(near, "x"), { instanceOf: TRANSIENT });
  t.regex(error?.message ?? "", /TRANSIENT|HOLDING and keeps 1/);
  orb.rootPOA.the_POAManager.activate();
  await first;
  await t.throwsAsync(ORB_init([], { config: { orb: { maxHeldRequests: 0 } } }), {
    instanceOf: INITIALIZE,
  });
});

test("DISCARDING: TRANSIENT OMG|1 COMPLETED_NO, for those held, too", async (t) => {
  const { manager, reference } = await managed(t);
  const held = sample.echo(reference, "held");
  const outcome = refused(t, held, TRANSIENT, MINOR.requestDiscarded);
  await new Promise((resolve) => setImmediate(resolve));
  await manager.discard_requests();
  await outcome;
  await refused(t, sample.echo(reference, "x"), TRANSIENT, MINOR.requestDiscarded);
  manager.activate();
  t.is(await sample.echo(reference, "x"), "x");
});

test("INACTIVE: OBJ_ADAPTER OMG|1, collocated too; terminal, each transition AdapterInactive", async (t) => {
  const { manager, reference, near } = await managed(t);
  await manager.deactivate();
  for (const target of [reference, near])
    await refused(t, sample.echo(target, "x"), OBJ_ADAPTER, MINOR.unknownAdapterFailed);
  t.throws(() => manager.activate(), { instanceOf: AdapterInactive });
  await t.throwsAsync(manager.hold_requests(), { instanceOf: AdapterInactive });
  await t.throwsAsync(manager.discard_requests(), { instanceOf: AdapterInactive });
  await t.throwsAsync(manager.deactivate(), { instanceOf: AdapterInactive });
});

test("wait TRUE: returns after running requests finish, or the state changes", async (t) => {
  const { manager, reference, servant } = await managed(t);
  manager.activate();
  for (const how of ["finish", "change"]) {
    const parked = sample.park(reference);
    await servant.called(servant.calls.length + 1);
    let isOver = false;
    const waiting = manager.hold_requests(true).then(() => (isOver = true));
    await new Promise((resolve) => setImmediate(resolve));
    t.false(isOver);
    if (how === "change") manager.activate();
    else servant.parked.at(-1)?.();
    await waiting;
    servant.parked.at(-1)?.();
    await parked;
    manager.activate();
  }
});

test("wait TRUE from within an upcall of the same ORB => BAD_INV_ORDER OMG|3, state unchanged", async (t) => {
  const { manager, adapter, server, far, client } = await managed(t);
  const servant = new Midway();
  const reference = await far(await adapter.activate(servant));
  manager.activate();
  const deadlocks: readonly (() => unknown)[] = [
    () => manager.hold_requests(true),
    () => manager.discard_requests(true),
    () => manager.deactivate(true, true),
    () => adapter.destroy(true, true),
    () => server.shutdown(true),
    () => server.destroy(),
  ];
  for (const call of deadlocks) {
    servant.during = async () => {
      const error = await t.throwsAsync(async () => await call(), { instanceOf: BAD_INV_ORDER });
      t.is(error?.minor, MINOR.wouldDeadlock);
    };
    await sample.echo(reference, "x");
    t.is(manager.get_state(), "ACTIVE");
  }
  // Another ORB is no matter of this upcall, nor is what does not wait.
  servant.during = async () => {
    await client.rootPOA.the_POAManager.hold_requests(true);
    await manager.hold_requests(false);
    manager.activate();
  };
  t.is(await sample.echo(reference, "x"), "x");
});

test("wait TRUE beside a running upcall waits for it: only who is inside is refused", async (t) => {
  const { manager, reference, servant } = await managed(t);
  manager.activate();
  const parked = sample.park(reference);
  await servant.called(1);
  const waiting = manager.discard_requests(true);
  servant.parked[0]?.();
  await parked;
  await t.notThrowsAsync(waiting);
});

test("synchronous upcalls, servant managers and adapter activators are inside, too", async (t) => {
  const { server, poa, refer } = await pair(t);
  const manager = server.rootPOA.the_POAManager;
  const attempts: Promise<Error | undefined>[] = [];
  const attempt = (): void =>
    void attempts.push(t.throwsAsync(manager.hold_requests(true), { instanceOf: BAD_INV_ORDER }));
  class Sync extends Sample {
    override echo(text: string): string {
      attempt();
      return text;
    }
  }
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager({
    incarnate: async () => {
      attempt();
      await Promise.resolve();
      attempt();
      return new Sync();
    },
    etherealize: () => undefined,
  });
  await sample.echo(await refer(kept, "a"), "x");
  t.is(attempts.length, 3);
  await Promise.all(attempts);
  await t.notThrowsAsync(manager.hold_requests(true));
});

test("POAManagerFactory: create_POAManager, ManagerAlreadyExists, PolicyError; list; find", async (t) => {
  const { server } = await pair(t);
  const factory = server.rootPOA.the_POAManagerFactory;
  t.is(factory.find("RootPOAManager"), server.rootPOA.the_POAManager);
  const mine = await factory.create_POAManager("mine", []);
  t.is(factory.find("mine"), mine);
  t.is(factory.find("none"), null);
  t.deepEqual(factory.list(), [server.rootPOA.the_POAManager, mine]);
  await t.throwsAsync(factory.create_POAManager("mine", []), { instanceOf: ManagerAlreadyExists });
  const unknown = await t.throwsAsync(
    factory.create_POAManager("x", [{ policy_type: 17, value: "PERSISTENT" }]),
    { instanceOf: PolicyError },
  );
  t.is(unknown?.reason, 1);
  const value = await t.throwsAsync(
    factory.create_POAManager("x", [{ policy_type: ENDPOINTS_POLICY_TYPE, value: "iiop://x" }]),
    { instanceOf: PolicyError },
  );
  t.is(value?.reason, 3);
});

test("policies of ours have types of their own", (t) => {
  const types = [ENDPOINTS_POLICY_TYPE, GATE_POLICY_TYPE, REPLICATION_POLICY_TYPE];
  t.is(new Set(types).size, types.length);
});

test("a POAManager whose POAs are all destroyed disappears", async (t) => {
  const { server } = await pair(t);
  const factory = server.rootPOA.the_POAManagerFactory;
  const manager = await factory.create_POAManager("mine");
  const one = await server.rootPOA.createPoa("one", { manager });
  const two = await server.rootPOA.createPoa("two", { manager });
  await one.destroy(false, true);
  t.is(factory.find("mine"), manager);
  await two.destroy(false, true);
  t.is(factory.find("mine"), null);
});

test("a manager's own endpoints: its POAs' references name them only, and no other way leads there", async (t) => {
  const { server, client, far } = await pair(t);
  const { rootPOA } = server;
  const manager = await rootPOA.the_POAManagerFactory.create_POAManager("own", [
    { policy_type: ENDPOINTS_POLICY_TYPE, value: ["iiop://127.0.0.1:0"] },
  ]);
  manager.activate();
  const poa = await rootPOA.createPoa("own", { manager });
  const near = await poa.activate(new Sample());
  const reference = await far(near);
  const [address, ...others] = reference._core.ownTargets;
  t.is(others.length, 0);
  const [main] = server.endpoints;
  t.not(address?.port, main?.port);
  t.is(await sample.echo(reference, "its own door"), "its own door");
  t.is(await sample.echo(near, "from inside"), "from inside");
  // Its key at the ORB's door, and the root's key at its door.
  const at = async (port: number | undefined, key: Uint8Array) => {
    const escaped = [...key].map((o) => `%${o.toString(16).padStart(2, "0")}`).join("");
    const there = await client.string_to_object(`corbaloc:iiop:1.2@127.0.0.1:${port}/${escaped}`);
    if (there === null) throw new TypeError("nil");
    return there;
  };
  const key = address?.objectKey ?? new Uint8Array();
  await refused(
    t,
    sample.echo(await at(main?.port, key), "x"),
    OBJECT_NOT_EXIST,
    MINOR.adapterNotFound,
  );
  const root = (await far(await rootPOA.activate(new Sample())))._core.ownTargets[0];
  await refused(
    t,
    sample.echo(await at(address?.port, root?.objectKey ?? key), "x"),
    OBJECT_NOT_EXIST,
    MINOR.adapterNotFound,
  );
  await poa.destroy(false, true);
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: Error });
});

test("an ORB whose managers have endpoints of their own is destroyed like any other", async (t) => {
  const orb = await ORB_init();
  const factory = orb.rootPOA.the_POAManagerFactory;
  const manager = await factory.createManager("own", { listen: ["iiop://127.0.0.1:0"] });
  manager.activate();
  const poa = await orb.rootPOA.createPoa("own", { manager });
  await poa.activate(new Sample());
  await t.notThrowsAsync(orb.destroy());
  t.deepEqual(factory.list(), []);
});
