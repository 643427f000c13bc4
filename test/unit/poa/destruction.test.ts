import test from "ava";
import {
  AdapterAlreadyExists,
  Any,
  BAD_INV_ORDER,
  MINOR,
  OBJECT_NOT_EXIST,
  ObjectNotActive,
  ORB_init,
  type POA,
  string_to_ObjectId,
  tc,
  TRANSIENT,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { ACTIVATOR, DEFAULT_SERVANT, pair, refused, Signal } from "./support.ts";

test("destroy: children first; new requests meanwhile get TRANSIENT OMG|4, later OBJECT_NOT_EXIST", async (t) => {
  const { poa, far } = await pair(t);
  const parent = await poa("parent");
  const child = await parent.createPoa("child", ACTIVATOR);
  const order: string[] = [];
  const activator = (name: string) => ({
    incarnate: () => new Sample(),
    etherealize: () => void order.push(name),
  });
  child.set_servant_manager(activator("child"));
  const grandchild = await child.createPoa("grandchild", ACTIVATOR);
  grandchild.set_servant_manager(activator("grandchild"));
  const servant = new Sample();
  const reference = await far(await child.activate("a", servant));
  await grandchild.activate("b", new Sample());
  const parked = sample.park(reference);
  await servant.called(1);
  const destroyed = parent.destroy(true, true);
  await refused(t, sample.echo(reference, "x"), TRANSIENT, MINOR.poaDestroyed);
  servant.parked[0]?.();
  await parked;
  await destroyed;
  t.deepEqual(order, ["grandchild", "child"]);
  await refused(t, sample.echo(reference, "x"), OBJECT_NOT_EXIST, MINOR.adapterNotFound);
});

test("a POA that is destroyed takes nothing more: OBJECT_NOT_EXIST", async (t) => {
  const { poa, server } = await pair(t);
  const implicit = await poa("implicit", { implicitActivation: "IMPLICIT_ACTIVATION" });
  const byDefault = await poa("default", DEFAULT_SERVANT);
  const managed = await poa("managed", ACTIVATOR);
  const reference = await implicit.activate(new Sample());
  for (const each of [implicit, byDefault, managed]) await each.destroy(false, true);
  const calls = [
    () => implicit.activate_object(new Sample()),
    () => implicit.servant_to_reference(new Sample()),
    () => implicit.create_reference("IDL:Sample:1.0"),
    () => byDefault.set_servant(new Sample()),
    () => byDefault.create_reference_with_id(string_to_ObjectId("x"), "IDL:Sample:1.0"),
    () =>
      managed.set_servant_manager({ incarnate: () => new Sample(), etherealize: () => undefined }),
    () => managed.activate_object_with_id(string_to_ObjectId("x"), new Sample()),
  ];
  for (const call of calls) t.throws(call, { instanceOf: OBJECT_NOT_EXIST });
  await t.throwsAsync(implicit.create_POA("child"), { instanceOf: OBJECT_NOT_EXIST });
  t.is(implicit.the_name, "implicit");
  t.throws(() => implicit.reference_to_servant(reference), { instanceOf: ObjectNotActive });
  t.deepEqual(server.rootPOA.the_children, []);
});

test("create_POA while the parent is being destroyed: BAD_INV_ORDER OMG|17", async (t) => {
  const { poa, far } = await pair(t);
  const parent = await poa("parent");
  const servant = new Sample();
  const parked = sample.park(await far(await parent.activate(servant)));
  await servant.called(1);
  await parent.destroy();
  const error = await t.throwsAsync(parent.createPoa("late"), { instanceOf: BAD_INV_ORDER });
  t.is(error?.minor, MINOR.poaBeingDestroyed);
  servant.parked[0]?.();
  await parked;
});

test("the name can be reused after completion", async (t) => {
  const { poa, far, server } = await pair(t);
  const first = await poa("name");
  const servant = new Sample();
  const parked = sample.park(await far(await first.activate(servant)));
  await servant.called(1);
  const destroyed = first.destroy(false, true);
  await t.throwsAsync(poa("name"), { instanceOf: AdapterAlreadyExists, message: /destroyed/ });
  servant.parked[0]?.();
  await parked;
  await destroyed;
  const again = await poa("name");
  t.true(server.rootPOA.find_POA("name") === again);
  t.not(again, first);
});

test("destroy(wait FALSE) inside an upcall: the upcall is answered", async (t) => {
  const { poa, far, server } = await pair(t);
  const doomed: POA = await poa("doomed");
  class Last extends Sample {
    override async echo(text: string): Promise<string> {
      await doomed.destroy(true, false);
      return text;
    }
  }
  const reference = await far(await doomed.activate(new Last()));
  t.is(await sample.echo(reference, "last words"), "last words");
  t.deepEqual(server.rootPOA.the_children, []);
});

test("destroy under load: each request is executed and answered, or refused as not executed", async (t) => {
  const { poa, far, server } = await pair(t);
  const executed = new Set<string>();
  class Counting extends Sample {
    override async echo(text: string): Promise<string> {
      await new Promise((resolve) => setImmediate(resolve));
      executed.add(text);
      return text;
    }
  }
  const answered = new Set<string>();
  const refusedNames = new Set<string>();
  const kinds = new Set<string>();
  for (let round = 0; round < 5; round++) {
    const busy = await poa("busy", {
      thread: round % 2 === 0 ? "ORB_CTRL_MODEL" : "SINGLE_THREAD_MODEL",
    });
    const reference = await far(await busy.activate(new Counting()));
    const calls = Array.from({ length: 200 }, async (_, i) => {
      for (let turn = 0; turn < i % 7; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      const name = `${round} ${i}`;
      try {
        await sample.echo(reference, name);
        answered.add(name);
      } catch (error) {
        refusedNames.add(name);
        kinds.add((error as Error).name);
        t.is((error as TRANSIENT).completed, "COMPLETED_NO");
      }
    });
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await busy.destroy(true, true);
    await Promise.all(calls);
  }
  t.deepEqual([...answered].toSorted(), [...executed].toSorted());
  t.is(answered.size + refusedNames.size, 1_000);
  t.true(answered.size > 0);
  t.true(refusedNames.size > 0);
  for (const kind of kinds) t.true(["TRANSIENT", "OBJECT_NOT_EXIST"].includes(kind), kind);
  t.deepEqual(server.rootPOA.the_children, []);
});

test("requests held by the manager of a POA that is destroyed get TRANSIENT OMG|4", async (t) => {
  const { server, far } = await pair(t);
  const manager = await server.rootPOA.the_POAManagerFactory.create_POAManager("held");
  const poa = await server.rootPOA.createPoa("held", { manager });
  const call = sample.echo(await far(await poa.activate(new Sample())), "x");
  const outcome = refused(t, call, TRANSIENT, MINOR.poaDestroyed);
  await new Promise((resolve) => setImmediate(resolve));
  await poa.destroy(true, true);
  manager.activate();
  await outcome;
});

test("shutdown(wait TRUE) in an upcall => BAD_INV_ORDER OMG|3; shutdown(FALSE) there is answered", async (t) => {
  const { server, poa, far } = await pair(t);
  const errors: unknown[] = [];
  class Stopping extends Sample {
    override async echo(text: string): Promise<string> {
      await Promise.resolve();
      errors.push((await t.throwsAsync(server.shutdown(true)))?.constructor);
      await server.shutdown(false);
      return text;
    }
  }
  const reference = await far(await (await poa("stop")).activate(new Stopping()));
  const running = server.run();
  t.is(await sample.echo(reference, "bye"), "bye");
  await running;
  t.deepEqual(errors, [BAD_INV_ORDER]);
});

test("after shutdown all but reference operations and destroy => BAD_INV_ORDER OMG|4; after destroy OBJECT_NOT_EXIST", async (t) => {
  const { server } = await pair(t);
  const root = server.rootPOA;
  const reference = await root.activate(new Sample());
  await server.shutdown();
  const calls = [
    () => server.rootPOA,
    () => server.run(),
    () => server.work_pending(),
    () => server.perform_work(),
    () => server.register_initial_reference("X", reference),
    () => server.list_initial_services(),
    () => server.create_list(),
    () => server.create_exception_list(),
    () => server.create_context_list(),
    () => server.get_default_context(),
    () => server.poll_next_response(),
    () => server.get_next_response(),
    () => server.create_policy(16, new Any(tc.long, 0)),
    () => root.activate_object(new Sample()),
    () => root.create_reference("IDL:Sample:1.0"),
  ];
  for (const call of calls) {
    const error = t.throws(call, { instanceOf: BAD_INV_ORDER });
    t.is(error?.minor, MINOR.orbShutDown);
  }
  t.true(reference._is_equivalent(reference));
  t.regex(server.object_to_string(reference), /^IOR:/);
  await server.destroy();
  for (const call of calls) t.throws(call, { instanceOf: OBJECT_NOT_EXIST });
});

test("ORB_init with the same -ORBid returns the same ORB until it is destroyed", async (t) => {
  const options = { config: { orb: { listen: [] } } };
  const [one, two] = await Promise.all([
    ORB_init(["-ORBid", "shared"], options),
    ORB_init(["-ORBid", "shared"], options),
  ]);
  t.is(one, two);
  t.is(one.id, "shared");
  await one.destroy();
  const three = await ORB_init(["-ORBid", "shared"], options);
  t.not(three, one);
  await three.destroy();
  const [left, right] = await Promise.all([ORB_init([], options), ORB_init([], options)]);
  t.not(left, right, "without a name each is its own");
  await Promise.all([left.destroy(), right.destroy()]);
});

test("work_pending tells of requests in work; perform_work lets them go on", async (t) => {
  const { server, far } = await pair(t);
  t.false(server.work_pending());
  const servant = new Sample();
  const parked = sample.park(await far(await server.rootPOA.activate(servant)));
  while (!server.work_pending()) await server.perform_work();
  await servant.called(1);
  servant.parked[0]?.();
  await parked;
  t.false(server.work_pending());
});

test("MAIN_THREAD_MODEL: requests of all main-thread POAs are processed one after the other", async (t) => {
  const { poa, far } = await pair(t);
  const go = new Signal();
  const first = new Sample();
  const second = new Sample();
  const one = await far(await (await poa("one", { thread: "MAIN_THREAD_MODEL" })).activate(first));
  const two = await far(await (await poa("two", { thread: "MAIN_THREAD_MODEL" })).activate(second));
  const parked = sample.park(one);
  await first.called(1);
  const behind = sample.echo(two, "behind").then((text) => {
    go.give();
    return text;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(second.calls, []);
  first.parked[0]?.();
  await parked;
  t.is(await behind, "behind");
  await go.given;
});
