import test from "ava";
import {
  _create_request,
  _request,
  Any,
  ARG_IN,
  ARG_INOUT,
  ARG_OUT,
  BAD_CONTEXT,
  BAD_INV_ORDER,
  BAD_PARAM,
  BAD_TYPECODE,
  Bounds,
  Completion,
  ContextList,
  ExceptionList,
  INTF_REPOS,
  INV_OBJREF,
  MINOR,
  NamedValue,
  NO_IMPLEMENT,
  NVList,
  type ObjectReference,
  ORB_init,
  type Request,
  tc,
  TIMEOUT,
  TRANSIENT,
  UNKNOWN,
  UnknownUserException,
} from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";
import { Desk, orbPair, REFUSED } from "./support.ts";

function echoOf(target: ObjectReference, text: string): Request {
  const request = _request(target, "echo");
  request.add_in_arg(new Any(tc.string(), text), "text");
  request.set_return_type(tc.string());
  return request;
}

test("a request calls a servant with a skeleton as a stub does", async (t) => {
  const { server, far } = await orbPair(t);
  const own = await server.rootPOA.activate(new Sample());
  for (const target of [await far(own), own]) {
    const request = echoOf(target, "text");
    await request.invoke();
    t.deepEqual(request.return_value, new Any(tc.string(), "text"));
  }
});

test("inout and out arguments come back in their NamedValues", async (t) => {
  const { server, far } = await orbPair(t);
  const request = _request(await far(await server.rootPOA.activate(new Desk())), "swap");
  const a = request.add_inout_arg(new Any(tc.long, 7), "a");
  const text = request.add_out_arg(tc.string(), "text");
  request.set_return_type(tc.long);
  await request.invoke();
  t.is(request.return_value.value, -7);
  t.is(a.value.value, 8);
  t.is(text.value.value, "was 7");
});

test("_create_request takes the lists an ORB makes", async (t) => {
  const { server, client, far } = await orbPair(t);
  const desk = await far(await server.rootPOA.activate(new Desk()));
  const list = client.create_list(2);
  list.add_value("a", new Any(tc.long, 1), ARG_INOUT);
  list.add_type("text", tc.string(), ARG_OUT);
  const result = client.create_named_value("", new Any(tc.long, undefined), ARG_OUT);
  const request = _create_request(desk, null, "swap", list, result);
  await request.invoke();
  t.is(result.value.value, -1);
  t.deepEqual(
    Array.from(list, ({ name, value }) => [name, value.value]),
    [
      ["a", 2],
      ["text", "was 1"],
    ],
  );
});

test("a user exception that is listed is an UnknownUserException with an any; another one is UNKNOWN 1", async (t) => {
  const { server, far } = await orbPair(t);
  for (const servant of [new Sample(), new Desk()]) {
    const target = await far(await server.rootPOA.activate(servant));
    const listed = _request(target, "refuse");
    listed.add_in_arg(new Any(tc.string(), "late"));
    listed.exceptions.add(REFUSED);
    const refused = await t.throwsAsync(listed.invoke(), { instanceOf: UnknownUserException });
    t.deepEqual(refused?.exception, new Any(REFUSED, { why: "late" }));
    const unlisted = _request(target, "refuse");
    unlisted.add_in_arg(new Any(tc.string(), "late"));
    const unknown = await t.throwsAsync(unlisted.invoke(), { instanceOf: UNKNOWN });
    t.is(unknown?.minor, MINOR.unlistedUserException);
    t.is(unknown?.completed, Completion.yes);
  }
});

test("send_oneway asks for no reply, and BAD_PARAM 31 where something should come back", async (t) => {
  const { server, far } = await orbPair(t);
  const servant = new Desk();
  const desk = await far(await server.rootPOA.activate(servant));
  const noted = new Promise<void>((resolve) => {
    servant.onNote = resolve;
  });
  const request = _request(desk, "note");
  request.add_in_arg(new Any(tc.string(), "one way"));
  await request.send_oneway();
  await noted;
  t.deepEqual(servant.notes, ["one way"]);
  const wrong: readonly ((request: Request) => void)[] = [
    (r) => r.set_return_type(tc.long),
    (r) => void r.add_out_arg(tc.long),
    (r) => void r.add_inout_arg(new Any(tc.long, 1)),
    (r) => r.exceptions.add(REFUSED),
  ];
  for (const expect of wrong) {
    const expecting = _request(desk, "note");
    expect(expecting);
    const thrown = await t.throwsAsync(expecting.send_oneway(), { instanceOf: BAD_PARAM });
    t.is(thrown?.minor, MINOR.onewayWithResult);
  }
});

test("order: BAD_INV_ORDER 5 and 10 when sent before, 11 before it was, 12 when taken before, 13 when synchronous", async (t) => {
  const { server, far } = await orbPair(t);
  const target = await far(await server.rootPOA.activate(new Sample()));
  const minorOf = async (call: () => unknown): Promise<number | undefined> =>
    (await t.throwsAsync(async () => await call(), { instanceOf: BAD_INV_ORDER }))?.minor;
  const unsent = echoOf(target, "a");
  t.is(await minorOf(() => unsent.get_response()), MINOR.resultBeforeSend);
  t.is(await minorOf(() => unsent.poll_response()), MINOR.resultBeforeSend);

  const synchronous = echoOf(target, "b");
  await synchronous.invoke();
  t.is(await minorOf(() => synchronous.invoke()), MINOR.requestInvokedTwice);
  t.is(await minorOf(() => synchronous.send_deferred()), MINOR.requestAlreadySent);
  t.is(await minorOf(() => synchronous.send_oneway()), MINOR.requestAlreadySent);
  t.is(await minorOf(() => synchronous.add_in_arg(new Any(tc.long, 1))), MINOR.requestAlreadySent);
  t.is(await minorOf(() => synchronous.get_response()), MINOR.pollOfSynchronousRequest);
  t.is(await minorOf(() => synchronous.poll_response()), MINOR.pollOfSynchronousRequest);

  const deferred = echoOf(target, "c");
  deferred.send_deferred();
  t.is(await minorOf(() => deferred.invoke()), MINOR.requestInvokedTwice);
  t.is(await minorOf(() => deferred.send_deferred()), MINOR.requestAlreadySent);
  await deferred.get_response();
  t.is(deferred.return_value.value, "c");
  t.is(await minorOf(() => deferred.get_response()), MINOR.resultAlreadyTaken);
  t.is(await minorOf(() => deferred.poll_response()), MINOR.resultAlreadyTaken);
});

test("deferred: poll_response says when the reply is there; a failure is get_response's", async (t) => {
  const { server, far } = await orbPair(t);
  const servant = new Sample();
  const target = await far(await server.rootPOA.activate(servant));
  const parked = _request(target, "park");
  parked.send_deferred();
  await servant.called(1);
  t.false(parked.poll_response());
  servant.parked[0]?.();
  await parked._settled();
  t.true(parked.poll_response());
  await parked.get_response();

  const failing = _request(target, "refuse");
  failing.add_in_arg(new Any(tc.string(), "no"));
  failing.exceptions.add(REFUSED);
  failing.send_deferred();
  await failing._settled();
  t.true(failing.poll_response());
  await t.throwsAsync(failing.get_response(), { instanceOf: UnknownUserException });
});

test("several deferred requests come back in the order of their replies", async (t) => {
  const { server, client, far } = await orbPair(t);
  const servant = new Sample();
  const target = await far(await server.rootPOA.activate(servant));
  const early = t.throws(() => client.poll_next_response(), { instanceOf: BAD_INV_ORDER });
  t.is(early?.minor, MINOR.resultBeforeSend);
  await t.throwsAsync(client.get_next_response(), { instanceOf: BAD_INV_ORDER });
  const slow = _request(target, "park");
  const fast = echoOf(target, "fast");
  const failing = _request(target, "refuse");
  failing.add_in_arg(new Any(tc.string(), "crash"));
  client.send_multiple_requests_deferred([slow, fast, failing]);
  t.is(await client.get_next_response(), fast);
  t.is(fast.return_value.value, "fast");
  t.is(await client.get_next_response(), failing);
  t.true(failing.exception instanceof UNKNOWN);
  t.false(client.poll_next_response());
  servant.parked[0]?.();
  t.is(await client.get_next_response(), slow);
  t.is(slow.exception, undefined);
  t.throws(() => client.poll_next_response(), { instanceOf: BAD_INV_ORDER });

  const taken = echoOf(target, "taken");
  client.send_multiple_requests_deferred([taken]);
  await taken.get_response();
  t.throws(() => client.poll_next_response(), { instanceOf: BAD_INV_ORDER });

  const oneways = [1, 2].map((amount) => {
    const fire = _request(target, "fire");
    fire.add_in_arg(new Any(tc.long, amount));
    return fire;
  });
  await client.send_multiple_requests_oneway(oneways);
  await echoOf(target, "after").invoke();
  t.true(servant.calls.includes("fire 1") && servant.calls.includes("fire 2"));
});

test("implicit operations: _is_a, _non_existent and _interface by request, BAD_PARAM 32 for the others", async (t) => {
  const { server, far } = await orbPair(t);
  const target = await far(await server.rootPOA.activate(new Sample()));
  const isA = _request(target, "_is_a");
  isA.add_in_arg(new Any(tc.string(), "IDL:Sample:1.0"));
  isA.set_return_type(tc.boolean);
  await isA.invoke();
  t.true(isA.return_value.value);
  const exists = _request(target, "_non_existent");
  exists.set_return_type(tc.boolean);
  await exists.invoke();
  t.false(exists.return_value.value);
  const def = _request(target, "_interface");
  def.set_return_type(tc.Object);
  await t.throwsAsync(def.invoke(), { instanceOf: INTF_REPOS });
  for (const operation of ["_component", "_repository_id", "_domain_managers"]) {
    const thrown = t.throws(() => _request(target, operation), { instanceOf: BAD_PARAM });
    t.is(thrown?.minor, MINOR.implicitOperationByDii);
  }
});

test("no request on nil (INV_OBJREF) or on a local object (NO_IMPLEMENT 4)", async (t) => {
  const { server } = await orbPair(t);
  t.throws(() => _request(null, "echo"), { instanceOf: INV_OBJREF });
  const local = server.rootPOA as unknown as ObjectReference;
  const thrown = t.throws(() => _request(local, "create_POA"), { instanceOf: NO_IMPLEMENT });
  t.is(thrown?.minor, MINOR.dynamicCallOfLocalObject);
});

test("time limit and signal hold for requests", async (t) => {
  const { server, far } = await orbPair(t);
  const servant = new Sample();
  const target = await far(await server.rootPOA.activate(servant));
  await t.throwsAsync(_request(target, "park").invoke({ timeoutMs: 20 }), { instanceOf: TIMEOUT });
  const abort = new AbortController();
  const deferred = _request(target, "park");
  deferred.send_deferred({ signal: abort.signal });
  await servant.called(2);
  abort.abort();
  const thrown = await t.throwsAsync(deferred.get_response(), { instanceOf: TRANSIENT });
  t.is(thrown?.minor, MINOR.requestCancelled);
});

test("a request follows a forward", async (t) => {
  const { server, client, transport } = await orbPair(t);
  const other = await ORB_init([], { transport });
  t.teardown(() => other.destroy());
  other.rootPOA.the_POAManager.activate();
  const own = await other.rootPOA.activate(new Sample());
  const there = await server.string_to_object(other.object_to_string(own));
  server.bindPlainKey("elsewhere", there);
  const { host, port } = server.endpoints[0] ?? { host: "", port: 0 };
  const target = await client.string_to_object(`corbaloc::${host}:${port}/elsewhere`);
  if (target === null) throw new TypeError("nil");
  const request = echoOf(target, "forwarded");
  await request.invoke();
  t.is(request.return_value.value, "forwarded");
});

test("context properties: those the list names, of the context and its parents; BAD_CONTEXT 1 without a context", async (t) => {
  const { server, client, far } = await orbPair(t);
  const desk = await far(await server.rootPOA.activate(new Desk()));
  const base = client.get_default_context();
  base.set_one_value("user", "nobody");
  base.set_one_value("secret", "hidden");
  const child = base.create_child("session");
  child.set_one_value("user", "ada");
  child.set_one_value("role", "driver");
  const request = _request(desk, "who");
  request.set_return_type(tc.string());
  request.contexts.add("user*");
  request.contexts.add("role");
  const missing = await t.throwsAsync(request.invoke(), { instanceOf: BAD_CONTEXT });
  t.is(missing?.minor, MINOR.contextMissing);
  request.ctx = child;
  await request.invoke();
  t.is(request.return_value.value, "user=ada role=driver");
});

test("Context: scopes, patterns, deletion, and what is refused", async (t) => {
  const { client } = await orbPair(t);
  const base = client.get_default_context();
  const child = base.create_child("child");
  base.set_one_value("sys.a", "1");
  const more = new NVList();
  more.add_value("sys.b", new Any(tc.string(), "2"), ARG_IN);
  child.set_values(more);
  const names = (list: NVList): readonly string[] => Array.from(list, ({ name }) => name);
  t.deepEqual(names(child.get_values("", 0, "sys*")), ["sys.a", "sys.b"]);
  t.deepEqual(names(child.get_values("", 15, "sys*")), ["sys.b"]);
  t.deepEqual(names(child.get_values("child", 0, "sys.a")), ["sys.a"]);
  const thrown = t.throws(() => child.get_values("", 15, "sys.a"), { instanceOf: BAD_CONTEXT });
  t.is(thrown?.minor, MINOR.contextPropertyNotFound);
  t.throws(() => child.get_values("nowhere", 0, "sys.a"), { instanceOf: BAD_CONTEXT });
  child.delete_values("sys.b");
  t.throws(() => child.delete_values("sys.b"), { instanceOf: BAD_CONTEXT });
  t.is(
    t.throws(() => base.set_one_value("", "x"), { instanceOf: BAD_PARAM })?.minor,
    MINOR.badContextPropertyName,
  );
  t.is(
    t.throws(() => base.get_values("", 0, "a*b"), { instanceOf: BAD_PARAM })?.minor,
    MINOR.badContextSearchString,
  );
  t.is(
    t.throws(() => base.create_child(""), { instanceOf: BAD_PARAM })?.minor,
    MINOR.badContextName,
  );
  t.throws(() => base.set_one_value("n", new Any(tc.long, 1)), { instanceOf: BAD_PARAM });
});

test("lists: count, item, remove, Bounds", (t) => {
  const list = new NVList();
  list.add(ARG_IN);
  list.add_item("second", ARG_OUT);
  t.is(list.count, 2);
  t.is(list.item(1).name, "second");
  list.remove(0);
  t.is(list.item(0).name, "second");
  t.throws(() => list.item(1), { instanceOf: Bounds });
  t.throws(() => list.remove(1), { instanceOf: Bounds });
  t.throws(() => list.add(4), { instanceOf: BAD_PARAM });
  const exceptions = new ExceptionList();
  exceptions.add(REFUSED);
  t.is(exceptions.item(0), REFUSED);
  t.throws(() => exceptions.add(tc.long), { instanceOf: BAD_TYPECODE });
  const contexts = new ContextList();
  contexts.add("user*");
  t.is(contexts.count, 1);
  t.throws(() => contexts.add(""), { instanceOf: BAD_PARAM });
  t.is(new NamedValue("a", new Any(tc.long, 1), ARG_IN).flags, ARG_IN);
});
