import test from "ava";
import { PortableInterceptor } from "../../../idl/index.ts";
import { Completion, NO_RESOURCES, type ObjectReference, TRANSIENT } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { clientWatch, serverWatch, watchedPair } from "./support.ts";

const echo = (target: ObjectReference): Promise<unknown> => sample.echo(target, "x");

test("a forward that always leads on is given up after ten", async (t) => {
  let elsewhere: ObjectReference | null = null;
  let count = 0;
  const clients = [
    clientWatch("A", (point) => {
      if (point !== "send_request") return;
      count++;
      throw new PortableInterceptor.ForwardRequest({ forward: elsewhere });
    }),
  ];
  const { far } = await watchedPair(t, { clients });
  elsewhere = far;
  await t.throwsAsync(echo(far), { instanceOf: TRANSIENT, message: /forwarded 10 times/ });
  t.is(count, 11);
});

test("a forward to nil is INV_OBJREF", async (t) => {
  const clients = [
    clientWatch("A", (point) => {
      if (point === "send_request") throw new PortableInterceptor.ForwardRequest({ forward: null });
    }),
  ];
  const { far } = await watchedPair(t, { clients });
  await t.throwsAsync(echo(far), { name: "INV_OBJREF" });
});

test("an address that cannot be reached is a retry to interceptors, and the request's number stays", async (t) => {
  const log: string[] = [];
  const ids = new Set<number>();
  const clients = [
    clientWatch("A", (point, ri) => {
      ids.add(ri.request_id);
      log.push(point === "send_request" ? point : `${point} ${ri.reply_status}`);
    }),
  ];
  const { client, server, near } = await watchedPair(t, { clients });
  server.bindPlainKey("One", near);
  const port = server.endpoints[0]?.port;
  const url = `corbaloc:iiop:1.2@127.0.0.1:1,iiop:1.2@127.0.0.1:${port}/One`;
  const reference = await client.string_to_object(url);
  t.is(await sample.echo(reference as ObjectReference, "x"), "x");
  t.deepEqual(log, ["send_request", "receive_other 4", "send_request", "receive_reply 0"]);
  t.is(ids.size, 1);
});

test("a server that refuses in passing is asked again elsewhere: a retry to interceptors", async (t) => {
  const log: string[] = [];
  const clients = [
    clientWatch("A", (point, ri) => {
      log.push(point === "send_request" ? point : `${point} ${ri.reply_status}`);
    }),
  ];
  let count = 0;
  const servers = [
    serverWatch("S", (point) => {
      if (point === "receive_request" && ++count === 1) throw new TRANSIENT("busy");
    }),
  ];
  const args = ["-ORBListenEndpoints", "iiop://127.0.0.1:0;iiop://127.0.0.1:0"];
  const { far } = await watchedPair(t, { clients }, { servers, args });
  t.is(await sample.echo(far, "x"), "x");
  t.deepEqual(log, ["send_request", "receive_other 4", "send_request", "receive_reply 0"]);
});

test("a call whose time is over ends in receive_exception, and no forward makes it go on", async (t) => {
  const log: string[] = [];
  let elsewhere: ObjectReference | null = null;
  const clients = [
    clientWatch("A", (point) => {
      log.push(point);
      if (point === "receive_exception")
        throw new PortableInterceptor.ForwardRequest({ forward: elsewhere });
    }),
  ];
  const { far, servant } = await watchedPair(t, { clients });
  elsewhere = far;
  await t.throwsAsync(sample.park(far, { timeoutMs: 20 }), { name: "TIMEOUT" });
  t.deepEqual(log, ["send_request", "receive_exception"]);
  for (const release of servant.parked) release();
});

test("the ORB's refusals pass by the interceptors: discarding managers, unknown operations, missing objects", async (t) => {
  const log: string[] = [];
  const servers = [
    serverWatch("S", (point, ri) => {
      const name = point === "send_exception" ? ` ${ri.sending_exception.type.name()}` : "";
      log.push(`${point}${name}`);
    }),
  ];
  const { far, poa, servant } = await watchedPair(t, {}, { servers });
  poa.deactivate_object(Buffer.from("one"));
  await t.throwsAsync(echo(far), { name: "OBJECT_NOT_EXIST" });
  await poa.the_POAManager.discard_requests();
  await t.throwsAsync(echo(far), { name: "TRANSIENT" });
  t.deepEqual(log, [
    "receive_request_service_contexts",
    "send_exception OBJECT_NOT_EXIST",
    "receive_request_service_contexts",
    "send_exception TRANSIENT",
  ]);
  t.deepEqual(servant.calls, []);
});

test("implicit operations pass by interceptors; a LocateRequest does not", async (t) => {
  const seen: string[] = [];
  const note = (point: string, ri: { operation: string }): void =>
    void seen.push(`${point} ${ri.operation}`);
  const { far } = await watchedPair(
    t,
    { clients: [clientWatch("A", note)] },
    { servers: [serverWatch("S", note)] },
  );
  t.false(await far._is_a("IDL:Other:1.0"));
  t.true(await far._validate_connection());
  t.deepEqual(seen, [
    "send_request _is_a",
    "receive_request_service_contexts _is_a",
    "receive_request _is_a",
    "send_reply _is_a",
    "receive_reply _is_a",
  ]);
});

test("values are not known where the binding has no types: NO_RESOURCES 1", async (t) => {
  const problems: unknown[] = [];
  const clients = [
    clientWatch("A", (point, ri) => {
      if (point !== "receive_reply") return;
      for (const name of [
        "arguments",
        "exceptions",
        "contexts",
        "operation_context",
        "result",
      ] as const)
        problems.push(t.throws(() => ri[name], { instanceOf: NO_RESOURCES })?.minor);
    }),
  ];
  const { far } = await watchedPair(t, { clients });
  await echo(far);
  t.deepEqual(
    problems,
    Array.from({ length: 5 }, () => 0x4f4d_0001),
  );
});

test("receive_exception is told whether the servant ran, as the program is", async (t) => {
  const seen: unknown[] = [];
  const clients = [
    clientWatch("A", (point, ri) => {
      if (point === "receive_exception") seen.push(ri.received_exception.value);
    }),
  ];
  const { far, servant } = await watchedPair(t, { clients });
  for (const completed of [Completion.no, Completion.maybe, Completion.yes]) {
    servant.echo = () => {
      throw new NO_RESOURCES("enough", 0, completed);
    };
    const error = await t.throwsAsync(echo(far), { instanceOf: NO_RESOURCES });
    t.is((error as NO_RESOURCES).completed, completed);
    t.is(seen.at(-1), error);
  }
});
