import test, { type ExecutionContext } from "ava";
import {
  MemoryTransport,
  MINOR,
  OBJ_ADAPTER,
  ObjectId_to_string,
  OBJECT_NOT_EXIST,
  type ObjectReference,
  type ORB,
  ORB_init,
  type Servant,
  string_to_ObjectId,
  TIMEOUT,
  TRANSIENT,
} from "../../../orb/index.ts";
import type { CdrInput } from "../../../orb/cdr/index.ts";
import type { ServerRequest } from "../../../orb/iiop/index.ts";
import { POAManager } from "../../../orb/manager/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { ACTIVATOR, LOCATOR, pair, refused, Signal } from "./support.ts";

/** A server whose deadline is short, and a client with patience. */
async function hasty(t: ExecutionContext): Promise<{
  readonly server: ORB;
  readonly refer: (poa: string, id: string) => Promise<ObjectReference>;
}> {
  const transport = new MemoryTransport();
  const server = await ORB_init(["-ORBDeadlineMs", "20"], { transport });
  const client = await ORB_init([], { transport });
  server.rootPOA.the_POAManager.activate();
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  return {
    server,
    refer: async (poa, id) => {
      const there = server.rootPOA.find_POA(poa);
      const reference = there.create_reference_with_id(string_to_ObjectId(id), "IDL:Sample:1.0");
      return (await client.string_to_object(server.object_to_string(reference))) as ObjectReference;
    },
  };
}

test("a preinvoke that gives no answer in time is TIMEOUT; what it finds later is given back", async (t) => {
  const { server, refer } = await hasty(t);
  const found = await server.rootPOA.createPoa("found", LOCATOR);
  const release = new Signal();
  const posted = new Signal();
  const servant = new Sample();
  const log: unknown[] = [];
  found.set_servant_manager({
    preinvoke: async (oid) => {
      if (ObjectId_to_string(oid) === "late") await release.given;
      return { result: servant, the_cookie: ObjectId_to_string(oid) };
    },
    postinvoke: (_oid, _poa, operation, cookie, given) => {
      log.push([operation, cookie, given === servant]);
      if (cookie === "late") posted.give();
    },
  });
  await refused(t, sample.echo(await refer("found", "late"), "x"), TIMEOUT, MINOR.managerExpired);
  t.is(await sample.echo(await refer("found", "soon"), "y"), "y");
  release.give();
  await posted.given;
  t.deepEqual(log, [
    ["echo", "soon", true],
    ["echo", "late", true],
  ]);
  t.deepEqual(servant.calls, ["echo y"]);
});

test("a postinvoke that never ends keeps nothing waiting", async (t) => {
  const { server, refer } = await hasty(t);
  const manager = await server.rootPOA.the_POAManagerFactory.createManager("found");
  const found = await server.rootPOA.createPoa("found", { ...LOCATOR, manager });
  manager.activate();
  found.set_servant_manager({
    preinvoke: () => new Sample(),
    postinvoke: () => new Promise(() => undefined),
  });
  t.is(await sample.echo(await refer("found", "a"), "x"), "x");
  await manager.hold_requests(true);
  t.is(manager.runningCount, 0);
});

test("a held request whose client cancels it or goes away is forgotten, and never runs", async (t) => {
  const { server, transport, far } = await pair(t);
  const manager = await server.rootPOA.the_POAManagerFactory.createManager("held");
  const servant = new Sample();
  const held = await (await server.rootPOA.createPoa("held", { manager })).activate(servant);
  const fence = await far(await server.rootPOA.activate(new Sample()));
  const leaving = await ORB_init([], { transport });
  const theirs = await leaving.string_to_object(server.object_to_string(held));

  const given = new AbortController();
  const cancelled = sample.echo(await far(held), "cancelled", { signal: given.signal });
  const lost = t.throwsAsync(sample.echo(theirs as ObjectReference, "lost"));
  await sample.echo(fence, "behind the cancelled one");
  given.abort();
  await t.throwsAsync(cancelled);
  await leaving.destroy();
  await lost;
  await sample.echo(fence, "behind the CancelRequest");
  const oneway = sample.fire(await far(held), 1);
  const stays = sample.echo(await far(held), "stays");
  await oneway;
  await sample.echo(fence, "behind all");
  t.is(manager.heldCount, 2);
  manager.activate();
  await stays;
  t.deepEqual(servant.calls, ["fire 1", "echo stays"]);
});

test("HOLDING is bounded in octets, too", (t) => {
  const refusals: unknown[] = [];
  const manager = new POAManager("m");
  const octets = { remaining: 100 * 1024 * 1024 } as CdrInput;
  const { signal } = new AbortController();
  const request = {
    input: octets,
    signal,
    systemException: (exception: unknown) => refusals.push(exception),
  } as unknown as ServerRequest;
  for (let n = 0; n < 3; n++)
    manager.admit(request, new Uint8Array(), { _admitted: () => t.fail() });
  t.is(manager.heldCount, 2);
  t.true(refusals[0] instanceof TRANSIENT);
});

test("SINGLE_THREAD_MODEL: a request whose client gave up before its turn never runs", async (t) => {
  const { poa, far } = await pair(t);
  const servant = new Sample();
  const one = await far(
    await (await poa("one", { thread: "SINGLE_THREAD_MODEL" })).activate(servant),
  );
  const begun = new Signal();
  servant.onCall = () => begun.give();
  const first = sample.park(one);
  await begun.given;
  const given = new AbortController();
  const second = sample.echo(one, "given up", { signal: given.signal });
  given.abort();
  await t.throwsAsync(second);
  const third = sample.echo(one, "third");
  await sample.echo(await far(await (await poa("fence")).activate(new Sample())), "fence");
  servant.parked[0]?.();
  await first;
  await third;
  t.deepEqual(servant.calls, ["park", "echo third"]);
});

test("incarnate without an answer: TIMEOUT at the ORB's deadline, others have their turn, a late servant is given back", async (t) => {
  const { server, refer } = await hasty(t);
  const kept = await server.rootPOA.createPoa("kept", ACTIVATOR);
  const go = new Signal();
  const returned = new Signal();
  const late = new Sample();
  const back: [string, Servant, boolean][] = [];
  kept.set_servant_manager({
    incarnate: async (oid) => {
      if (ObjectId_to_string(oid) !== "slow") return new Sample();
      await go.given;
      return late;
    },
    etherealize: (oid, _poa, servant, cleanup) => {
      back.push([ObjectId_to_string(oid), servant, cleanup]);
      returned.give();
    },
  });
  const slow = sample.echo(await refer("kept", "slow"), "x");
  const quick = sample.echo(await refer("kept", "quick"), "in its turn");
  await refused(t, slow, TIMEOUT, MINOR.managerExpired);
  t.is(await quick, "in its turn");
  go.give();
  await returned.given;
  t.deepEqual(back, [["slow", late, false]]);
  await kept.destroy(false, true);
});

test("etherealize without an end: at the ORB's deadline the id is free, and destroy ends", async (t) => {
  const { server, refer } = await hasty(t);
  const kept = await server.rootPOA.createPoa("kept", ACTIVATOR);
  kept.set_servant_manager({
    incarnate: () => new Sample(),
    etherealize: () => new Promise(() => undefined),
  });
  const a = await refer("kept", "a");
  await sample.echo(a, "1");
  kept.deactivate_object(string_to_ObjectId("a"));
  t.is(await sample.echo(a, "2"), "2");
  await kept.destroy(true, true);
  t.deepEqual(server.rootPOA.the_children, []);
});

test("requests for many ids that wait for their incarnation are bounded: TRANSIENT OMG|1", async (t) => {
  const { poa, refer } = await pair(t);
  const go = new Signal();
  const kept = await poa("kept", ACTIVATOR);
  kept.set_servant_manager({
    incarnate: async () => {
      await go.given;
      return new Sample();
    },
    etherealize: () => undefined,
  });
  const references = Array.from({ length: 1_010 }, (_, i) => refer(kept, String(i)));
  const calls = (await Promise.all(references)).map((each) => sample.echo(each, "x"));
  const outcomes = Promise.allSettled(calls);
  await refused(t, calls[1_005] as Promise<string>, TRANSIENT, MINOR.requestDiscarded);
  go.give();
  const failed = (await outcomes).filter(({ status }) => status === "rejected");
  t.is(failed.length, 9, "the first is being incarnated, 1,000 wait");
});

test("unknown_adapter without an answer: OBJ_ADAPTER OMG|1 at the ORB's deadline, and the name is asked for anew", async (t) => {
  const { server, refer } = await hasty(t);
  const { rootPOA } = server;
  const make = async (): Promise<ObjectReference> => {
    const made = await rootPOA.createPoa("made", { lifespan: "PERSISTENT", ...ACTIVATOR });
    made.set_servant_manager({ incarnate: () => new Sample(), etherealize: () => undefined });
    return await refer("made", "a");
  };
  const reference = await make();
  await rootPOA.find_POA("made").destroy(true, true);
  let asked = 0;
  rootPOA.the_activator = {
    unknown_adapter: async () => {
      if (++asked > 1) await make();
      else await new Promise(() => undefined);
      return true;
    },
  };
  await refused(t, sample.echo(reference, "1"), OBJ_ADAPTER, MINOR.unknownAdapterFailed);
  t.is(await sample.echo(reference, "2"), "2");
});

test("requests held for a POA that is destroyed: TRANSIENT OMG|4, and none stays with the manager", async (t) => {
  const { server, far } = await pair(t);
  const manager = await server.rootPOA.the_POAManagerFactory.createManager("held");
  const beside = await server.rootPOA.createPoa("beside", { manager });
  const held = await server.rootPOA.createPoa("held", { manager });
  const fence = await far(await server.rootPOA.activate(new Sample()));
  const gone = sample.echo(await far(await held.activate(new Sample())), "x");
  const stays = sample.echo(await far(await beside.activate(new Sample())), "stays");
  await sample.echo(fence, "behind both");
  t.is(manager.heldCount, 2);
  const outcome = refused(t, gone, TRANSIENT, MINOR.poaDestroyed);
  await held.destroy(false, true);
  await outcome;
  t.is(manager.heldCount, 1);
  manager.activate();
  t.is(await stays, "stays");
});

test("LocateRequest is subject to HOLDING: answered when the manager is activated, forgotten when cancelled", async (t) => {
  const { server, far } = await pair(t);
  const manager = await server.rootPOA.the_POAManagerFactory.createManager("held");
  const held = await server.rootPOA.createPoa("held", { manager });
  const there = await far(await held.activate(new Sample()));
  const gone = await far(held.create_reference("IDL:Sample:1.0"));
  const fence = await far(await server.rootPOA.activate(new Sample()));
  const answer = there._validate_connection();
  const given = new AbortController();
  const cancelled = there._validate_connection({ signal: given.signal });
  await sample.echo(fence, "behind both");
  t.is(manager.heldCount, 2);
  given.abort();
  await t.throwsAsync(cancelled);
  await sample.echo(fence, "behind the CancelRequest");
  t.is(manager.heldCount, 1);
  manager.activate();
  t.true(await answer);
  await t.throwsAsync(gone._validate_connection(), { instanceOf: OBJECT_NOT_EXIST });
});

test("LocateRequest is subject to DISCARDING and INACTIVE: the exception of requests, LOC_SYSTEM_EXCEPTION", async (t) => {
  const { server, far } = await pair(t);
  const manager = await server.rootPOA.the_POAManagerFactory.createManager("m");
  const poa = await server.rootPOA.createPoa("m", { manager });
  const there = await far(await poa.activate(new Sample()));
  await manager.discard_requests();
  await refused(t, there._validate_connection(), TRANSIENT, MINOR.requestDiscarded);
  await manager.deactivate();
  await refused(t, there._validate_connection(), OBJ_ADAPTER, MINOR.unknownAdapterFailed);
});
