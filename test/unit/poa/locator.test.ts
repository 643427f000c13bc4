import test from "ava";
import {
  ForwardRequest,
  MINOR,
  NO_PERMISSION,
  OBJ_ADAPTER,
  ObjectId_to_string,
  type Servant,
  type ServantLocator,
  string_to_ObjectId,
  WrongPolicy,
} from "../../../orb/index.ts";
import { Refused, Sample, sample } from "../../support/sample.ts";
import { LOCATOR, pair, refused, Signal } from "./support.ts";

const locatorOf = (preinvoke: ServantLocator["preinvoke"]): ServantLocator => ({
  preinvoke,
  postinvoke: () => undefined,
});

test("NON_RETAIN, SERVANT_MANAGER: preinvoke; dispatch; postinvoke with the cookie", async (t) => {
  const { poa, refer } = await pair(t);
  const found = await poa("found", LOCATOR);
  const log: string[] = [];
  const done = new Signal();
  const servant = new Sample();
  const cookie = { count: 0 };
  found.set_servant_manager({
    preinvoke: (oid, adapter, operation) => {
      log.push(`preinvoke ${ObjectId_to_string(oid)} ${adapter.the_name} ${operation}`);
      return { result: servant, the_cookie: cookie };
    },
    postinvoke: (oid, _adapter, operation, the_cookie, the_servant) => {
      log.push(`postinvoke ${ObjectId_to_string(oid)} ${operation} ${servant.calls.length}`);
      t.is(the_cookie, cookie);
      t.is(the_servant, servant);
      done.give();
    },
  });
  t.is(await sample.echo(await refer(found, "a"), "x"), "x");
  await done.given;
  t.deepEqual(log, ["preinvoke a found echo", "postinvoke a echo 1"]);
});

test("managers may answer with a promise", async (t) => {
  const { poa, refer } = await pair(t);
  const found = await poa("found", LOCATOR);
  found.set_servant_manager(
    locatorOf(async () => {
      await Promise.resolve();
      return new Sample();
    }),
  );
  t.is(await sample.echo(await refer(found, "a"), "x"), "x");
});

test("postinvoke always, even after an exception", async (t) => {
  const { poa, refer } = await pair(t);
  const found = await poa("found", LOCATOR);
  const operations: string[] = [];
  const done = new Signal();
  found.set_servant_manager({
    preinvoke: () => new Sample(),
    postinvoke: (_oid, _adapter, operation) => {
      operations.push(operation);
      if (operations.length === 2) done.give();
      throw new TypeError("ignored");
    },
  });
  const a = await refer(found, "a");
  await t.throwsAsync(sample.refuse(a, "no"), { instanceOf: Refused });
  await sample.echo(a, "x");
  await done.given;
  t.deepEqual(operations, ["refuse", "echo"]);
});

test("postinvoke is not called when preinvoke raised", async (t) => {
  const { poa, refer } = await pair(t);
  const there = await (await poa("there")).activate(new Sample());
  const found = await poa("found", LOCATOR);
  const raised: Error[] = [
    new ForwardRequest({ forward_reference: there }),
    new NO_PERMISSION("not you", 7, "COMPLETED_NO"),
  ];
  found.set_servant_manager({
    preinvoke: () => {
      throw raised.shift() ?? new TypeError("asked too often");
    },
    postinvoke: () => t.fail(),
  });
  t.is(await sample.echo(await refer(found, "a"), "forwarded"), "forwarded");
  await refused(t, sample.echo(await refer(found, "b"), "x"), NO_PERMISSION, 7);
});

test("no locator set => OBJ_ADAPTER OMG|4; null servant => OBJ_ADAPTER OMG|7; no servant => OBJ_ADAPTER OMG|2", async (t) => {
  const { poa, refer } = await pair(t);
  const found = await poa("found", LOCATOR);
  const a = await refer(found, "a");
  await refused(t, sample.echo(a, "x"), OBJ_ADAPTER, MINOR.noServantManager);
  const answers = [null, {} as Servant];
  found.set_servant_manager(locatorOf(() => answers.shift() ?? null));
  await refused(t, sample.echo(a, "x"), OBJ_ADAPTER, MINOR.servantManagerReturnedNull);
  await refused(t, sample.echo(a, "x"), OBJ_ADAPTER, MINOR.noServant);
});

test("NON_RETAIN keeps nothing: operations on the map are WrongPolicy", async (t) => {
  const { poa } = await pair(t);
  const found = await poa("found", LOCATOR);
  const id = string_to_ObjectId("a");
  const reference = found.create_reference_with_id(id, "IDL:Sample:1.0");
  t.deepEqual(Buffer.from(found.reference_to_id(reference)), Buffer.from(id));
  for (const call of [
    () => found.activate_object(new Sample()),
    () => found.activate_object_with_id(id, new Sample()),
    () => found.deactivate_object(id),
    () => found.id_to_servant(id),
    () => found.id_to_reference(id),
    () => found.reference_to_servant(reference),
    () => found.servant_to_id(new Sample()),
    () => found.servant_to_reference(new Sample()),
    () => found.get_servant(),
    () => found.set_servant(new Sample()),
  ])
    t.throws(call, { instanceOf: WrongPolicy });
});

test("locate requests do not call preinvoke", async (t) => {
  const { poa, refer } = await pair(t);
  const found = await poa("found", LOCATOR);
  found.set_servant_manager(
    locatorOf(() => {
      throw new TypeError("asked");
    }),
  );
  t.true(await (await refer(found, "a"))._validate_connection());
});

test("SINGLE_THREAD_MODEL: preinvoke, servant and postinvoke of one request before those of the next", async (t) => {
  const { poa, refer } = await pair(t);
  const found = await poa("found", { ...LOCATOR, thread: "SINGLE_THREAD_MODEL" });
  const log: string[] = [];
  const last = new Signal();
  const turn = async (what: string): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    log.push(what);
    if (log.length === 4) last.give();
  };
  found.set_servant_manager({
    preinvoke: async (oid) => {
      await turn(`pre ${ObjectId_to_string(oid)}`);
      return new Sample();
    },
    postinvoke: (oid) => turn(`post ${ObjectId_to_string(oid)}`),
  });
  const calls = [await refer(found, "a"), await refer(found, "b")].map((r) => sample.echo(r, "x"));
  await Promise.all(calls);
  await last.given;
  t.deepEqual(log, ["pre a", "post a", "pre b", "post b"]);
});
