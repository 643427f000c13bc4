import test from "ava";
import {
  BAD_INV_ORDER,
  ForwardRequest,
  MINOR,
  NO_PERMISSION,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  ObjectAlreadyActive,
  type ObjectId,
  ObjectId_to_string,
  type ObjectReference,
  type POA,
  type Servant,
  type ServantActivator,
  string_to_ObjectId,
  TRANSIENT,
  WrongPolicy,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { ACTIVATOR, LOCATOR, pair, refused, Signal } from "./support.ts";

/** Makes a Sample for each object, and writes down what it was asked. */
class Keeper implements ServantActivator {
  readonly log: string[] = [];
  readonly made: Sample[] = [];

  incarnate(oid: ObjectId, _adapter: POA): Servant | null | Promise<Servant | null> {
    this.log.push(`incarnate ${ObjectId_to_string(oid)}`);
    const servant = new Sample();
    this.made.push(servant);
    return servant;
  }

  etherealize(
    oid: ObjectId,
    _adapter: POA,
    _servant: Servant,
    cleanup: boolean,
    remaining: boolean,
  ): void | Promise<void> {
    this.log.push(`etherealize ${ObjectId_to_string(oid)} ${cleanup} ${remaining}`);
  }
}

const activatorOf = (incarnate: ServantActivator["incarnate"]): ServantActivator => ({
  incarnate,
  etherealize: () => undefined,
});

test("RETAIN, SERVANT_MANAGER: AOM lookup; miss => incarnate, enter in AOM, dispatch", async (t) => {
  const { poa, refer } = await pair(t);
  const kept = await poa("kept", ACTIVATOR);
  const keeper = new Keeper();
  kept.set_servant_manager(keeper);
  t.is(kept.get_servant_manager(), keeper);
  const a = await refer(kept, "a");
  t.is(await sample.echo(a, "1"), "1");
  t.is(await sample.echo(a, "2"), "2");
  t.deepEqual(keeper.log, ["incarnate a"]);
  t.true(kept.id_to_servant(string_to_ObjectId("a")) === keeper.made[0]);
});

test("no servant manager set => OBJ_ADAPTER OMG|4", async (t) => {
  const { poa, refer } = await pair(t);
  const kept = await poa("kept", ACTIVATOR);
  t.is(kept.get_servant_manager(), null);
  await refused(t, sample.echo(await refer(kept, "a"), "x"), OBJ_ADAPTER, MINOR.noServantManager);
});

test("wrong kind in set_servant_manager: OBJ_ADAPTER OMG|4; second set: BAD_INV_ORDER OMG|6", async (t) => {
  const { poa, server } = await pair(t);
  const kept = await poa("kept", ACTIVATOR);
  const found = await poa("found", LOCATOR);
  const locator = { preinvoke: () => null, postinvoke: () => undefined };
  for (const wrong of [locator, {}, null]) {
    const error = t.throws(() => kept.set_servant_manager(wrong as never), {
      instanceOf: OBJ_ADAPTER,
    });
    t.is(error?.minor, MINOR.noServantManager);
  }
  t.throws(() => found.set_servant_manager(new Keeper()), { instanceOf: OBJ_ADAPTER });
  kept.set_servant_manager(new Keeper());
  const twice = t.throws(() => kept.set_servant_manager(new Keeper()), {
    instanceOf: BAD_INV_ORDER,
  });
  t.is(twice?.minor, MINOR.servantManagerAlreadySet);
  t.throws(() => server.rootPOA.set_servant_manager(new Keeper()), { instanceOf: WrongPolicy });
  t.throws(() => server.rootPOA.get_servant_manager(), { instanceOf: WrongPolicy });
});

test("ForwardRequest => LOCATION_FORWARD reply", async (t) => {
  const { poa, refer } = await pair(t);
  const there = await (await poa("there")).activate(new Sample());
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager(
    activatorOf(() => {
      throw new ForwardRequest({ forward_reference: there });
    }),
  );
  t.is(await sample.echo(await refer(kept, "a"), "there"), "there");
});

test("ForwardRequest to nil => OBJ_ADAPTER", async (t) => {
  const { poa, refer } = await pair(t);
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager(
    activatorOf(() => {
      throw new ForwardRequest({ forward_reference: null });
    }),
  );
  await refused(t, sample.echo(await refer(kept, "a"), "x"), OBJ_ADAPTER, 0);
});

test("ForwardRequest to what is no reference, and a servant that cannot be looked at: OBJ_ADAPTER, and the POA can be destroyed", async (t) => {
  const { poa, refer } = await pair(t);
  const nowhere = new ForwardRequest({ forward_reference: {} as ObjectReference });
  const unreadable = (): never => {
    throw new TypeError("cannot be read");
  };
  const odd = new Proxy({}, { get: unreadable, getPrototypeOf: () => null }) as Servant;
  const wrong: ServantActivator["incarnate"][] = [
    () => {
      throw nowhere;
    },
    () => Promise.reject(nowhere),
    () => odd,
  ];
  for (const incarnate of wrong) {
    const kept = await poa("kept", ACTIVATOR);
    kept.set_servant_manager(activatorOf(incarnate));
    await t.throwsAsync(sample.echo(await refer(kept, "a"), "x"), { instanceOf: OBJ_ADAPTER });
    await kept.destroy(false, true);
  }
});

test("system exception => passed to the client", async (t) => {
  const { poa, refer } = await pair(t);
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager(
    activatorOf(async () => {
      await Promise.resolve();
      throw new NO_PERMISSION("not you", 7, "COMPLETED_NO");
    }),
  );
  await refused(t, sample.echo(await refer(kept, "a"), "x"), NO_PERMISSION, 7);
});

test("null servant => OBJ_ADAPTER OMG|7; wrong type => OBJ_ADAPTER OMG|2", async (t) => {
  const { poa, refer } = await pair(t);
  const kept = await poa("kept", ACTIVATOR);
  const answers = [null, {} as Servant];
  kept.set_servant_manager(activatorOf(() => answers.shift() ?? null));
  const a = await refer(kept, "a");
  await refused(t, sample.echo(a, "x"), OBJ_ADAPTER, MINOR.servantManagerReturnedNull);
  await refused(t, sample.echo(a, "x"), OBJ_ADAPTER, MINOR.noServant);
});

test("incarnate returned a servant already active under another id with UNIQUE_ID => OBJ_ADAPTER OMG|5", async (t) => {
  const { poa, refer } = await pair(t);
  const servant = new Sample();
  const unique = await poa("unique", ACTIVATOR);
  unique.set_servant_manager(activatorOf(() => servant));
  await sample.echo(await refer(unique, "a"), "x");
  await refused(
    t,
    sample.echo(await refer(unique, "b"), "x"),
    OBJ_ADAPTER,
    MINOR.incarnateBrokePolicy,
  );
  const multiple = await poa("multiple", { ...ACTIVATOR, idUniqueness: "MULTIPLE_ID" });
  multiple.set_servant_manager(activatorOf(() => servant));
  await sample.echo(await refer(multiple, "a"), "x");
  t.is(await sample.echo(await refer(multiple, "b"), "x"), "x");
});

test("requests arriving during incarnate of the same id wait", async (t) => {
  const { poa, refer } = await pair(t);
  const go = new Signal();
  const begun = new Signal();
  const keeper = new Keeper();
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager({
    incarnate: async (oid, adapter) => {
      begun.give();
      await go.given;
      return await keeper.incarnate(oid, adapter);
    },
    etherealize: () => undefined,
  });
  const a = await refer(kept, "a");
  const calls = ["1", "2", "3"].map((text) => sample.echo(a, text));
  await begun.given;
  go.give();
  t.deepEqual(await Promise.all(calls), ["1", "2", "3"]);
  t.deepEqual(keeper.log, ["incarnate a"]);
  t.deepEqual(keeper.made[0]?.calls, ["echo 1", "echo 2", "echo 3"]);
});

test("requests that wait for a servant activator are bounded: TRANSIENT OMG|1", async (t) => {
  const { poa, refer } = await pair(t);
  const go = new Signal();
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager(
    activatorOf(async () => {
      await go.given;
      return new Sample();
    }),
  );
  const a = await refer(kept, "a");
  const calls = Array.from({ length: 1_010 }, (_, i) => sample.echo(a, String(i)));
  const outcomes = Promise.allSettled(calls);
  await refused(t, calls[1_005] as Promise<string>, TRANSIENT, MINOR.requestDiscarded);
  go.give();
  const failed = (await outcomes).filter(({ status }) => status === "rejected");
  t.is(failed.length, 9, "the first is being incarnated, 1,000 wait");
});

test("incarnate and etherealize for one POA are mutually exclusive and each serialised", async (t) => {
  const { poa, refer } = await pair(t);
  let running = 0;
  let most = 0;
  const busy = async <T>(result: T): Promise<T> => {
    running++;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return result;
  };
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager({
    incarnate: () => busy(new Sample()),
    etherealize: () => busy(undefined),
  });
  const ids = ["a", "b", "c", "d"];
  const references = await Promise.all(ids.map((id) => refer(kept, id)));
  for (let round = 0; round < 3; round++) {
    await Promise.all(references.map((r) => sample.echo(r, "x")));
    for (const id of ids) kept.deactivate_object(string_to_ObjectId(id));
  }
  await kept.destroy(true, true);
  t.is(most, 1);
});

test("deactivate_object removes the association after all requests in progress complete; it returns at once", async (t) => {
  const { poa, far } = await pair(t);
  const plain = await poa("plain", { idAssignment: "USER_ID" });
  const servant = new Sample();
  const reference = await far(await plain.activate("a", servant));
  const id = string_to_ObjectId("a");
  const parked = sample.park(reference);
  await servant.called(1);
  plain.deactivate_object(id);
  t.is(plain.id_to_servant(id), servant, "the association stands");
  // What it would hear later it hears now.
  await refused(t, sample.echo(reference, "x"), OBJECT_NOT_EXIST, MINOR.objectNotActive);
  t.throws(() => plain.activate_object_with_id(id, new Sample()), {
    instanceOf: ObjectAlreadyActive,
    message: /not yet gone/,
  });
  const again = plain.activate("a", new Sample());
  servant.parked[0]?.();
  await parked;
  await again;
  t.not(plain.id_to_servant(id), servant);
  t.is(await sample.echo(reference, "back"), "back");
});

test("between deactivate_object and the end of etherealize: as in HOLDING, then incarnated again", async (t) => {
  const { poa, refer } = await pair(t);
  const go = new Signal();
  const keeper = new Keeper();
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager({
    incarnate: (oid, adapter) => keeper.incarnate(oid, adapter),
    etherealize: async (...args) => {
      await go.given;
      await keeper.etherealize(...args);
    },
  });
  const a = await refer(kept, "a");
  const parked = sample.park(a);
  await new Promise((resolve) => setImmediate(resolve));
  kept.deactivate_object(string_to_ObjectId("a"));
  const held = sample.echo(a, "held");
  keeper.made[0]?.parked[0]?.();
  await parked;
  const late = sample.echo(a, "late");
  t.deepEqual(keeper.log, ["incarnate a"]);
  go.give();
  t.deepEqual(await Promise.all([held, late]), ["held", "late"]);
  t.deepEqual(keeper.log, ["incarnate a", "etherealize a false false", "incarnate a"]);
  t.deepEqual(keeper.made[1]?.calls, ["echo held", "echo late"]);
});

test("etherealize is called once per removed association, for explicitly activated objects too", async (t) => {
  const { poa } = await pair(t);
  const keeper = new Keeper();
  const kept = await poa("kept", { ...ACTIVATOR, idUniqueness: "MULTIPLE_ID" });
  kept.set_servant_manager(keeper);
  const servant = new Sample();
  await kept.activate("a", servant);
  await kept.activate("b", servant);
  kept.deactivate_object(string_to_ObjectId("a"));
  kept.deactivate_object(string_to_ObjectId("b"));
  t.deepEqual(keeper.log, ["etherealize a false true", "etherealize b false false"]);
});

test("exceptions from etherealize are ignored", async (t) => {
  const { poa, refer } = await pair(t);
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager({
    incarnate: () => new Sample(),
    etherealize: () => {
      throw new TypeError("the activator's own mistake");
    },
  });
  const a = await refer(kept, "a");
  await sample.echo(a, "1");
  kept.deactivate_object(string_to_ObjectId("a"));
  t.is(await sample.echo(a, "2"), "2");
});

test("cleanup_in_progress is TRUE from POA.destroy and from POAManager.deactivate with etherealize_objects", async (t) => {
  const { server } = await pair(t);
  for (const how of ["destroy", "deactivate"] as const) {
    const keeper = new Keeper();
    const manager = await server.rootPOA.the_POAManagerFactory.create_POAManager(how);
    const kept = await server.rootPOA.createPoa(how, { ...ACTIVATOR, manager });
    kept.set_servant_manager(keeper);
    await kept.activate("a", new Sample());
    await kept.activate("b", new Sample());
    if (how === "destroy") await kept.destroy(true, true);
    else await manager.deactivate(true, true);
    t.deepEqual(keeper.log, ["etherealize a true false", "etherealize b true false"], how);
  }
});

test("destroy and deactivate without etherealize_objects call no etherealize", async (t) => {
  const { poa } = await pair(t);
  const keeper = new Keeper();
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager(keeper);
  await kept.activate("a", new Sample());
  await kept.destroy(false, true);
  t.deepEqual(keeper.log, []);
});

test("ORB.shutdown: etherealize with cleanup_in_progress, after requests have ended", async (t) => {
  const { server, poa, refer } = await pair(t);
  const keeper = new Keeper();
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager(keeper);
  const a = await refer(kept, "a");
  const parked = sample.park(a);
  await new Promise((resolve) => setImmediate(resolve));
  const stopped = server.shutdown();
  t.deepEqual(keeper.log, ["incarnate a"]);
  keeper.made[0]?.parked[0]?.();
  await parked;
  await stopped;
  t.deepEqual(keeper.log, ["incarnate a", "etherealize a true false"]);
});

test("SINGLE_THREAD_MODEL: servant activators run one after the other with the servants, and nothing waits for ever", async (t) => {
  const { poa, refer } = await pair(t);
  const keeper = new Keeper();
  const kept = await poa("kept", { ...ACTIVATOR, thread: "SINGLE_THREAD_MODEL" });
  kept.set_servant_manager(keeper);
  const a = await refer(kept, "a");
  const b = await refer(kept, "b");
  await sample.echo(a, "1");
  const parked = sample.park(b);
  await new Promise((resolve) => setImmediate(resolve));
  kept.deactivate_object(string_to_ObjectId("a"));
  t.deepEqual(keeper.log, ["incarnate a", "incarnate b"], "a servant is running");
  const again = sample.echo(a, "2");
  keeper.made[1]?.parked[0]?.();
  await parked;
  t.is(await again, "2");
  t.deepEqual(keeper.log.slice(2), ["etherealize a false false", "incarnate a"]);
});
