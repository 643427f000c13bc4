// Servers that want their objects named by a profile or by the whole reference.
import test from "ava";
import {
  type DispatchGate,
  NeedsAddressingMode,
  type ObjectReference,
  OBJ_ADAPTER,
  type ServantLocator,
  string_to_ObjectId,
  TRANSIENT,
} from "../../../orb/index.ts";
import { iorToString } from "../../../orb/ior/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { clientWatch, serverWatch, watchedPair } from "../interceptors/support.ts";
import { ACTIVATOR, LOCATOR, pair, Signal } from "./support.ts";

type Named = Parameters<ServantLocator["preinvoke"]>[3];

for (const by of ["profile", "reference"] as const) {
  test(`a servant locator has the client name the object by ${by}, which it remembers`, async (t) => {
    const { poa, refer } = await pair(t);
    const found = await poa("found", LOCATOR);
    const servant = new Sample();
    const seen: Named[] = [];
    let posts = 0;
    found.set_servant_manager({
      preinvoke: (_oid, _adapter, _operation, target) => {
        seen.push(target);
        if (target.by !== by) throw new NeedsAddressingMode(by);
        return servant;
      },
      postinvoke: () => void posts++,
    });
    const reference = await refer(found, "a");
    t.is(await sample.echo(reference, "1"), "1");
    t.is(await sample.echo(reference, "2"), "2");
    t.deepEqual(
      seen.map((target) => target.by),
      ["key", by, by],
    );
    t.deepEqual(servant.calls, ["echo 1", "echo 2"]);
    t.is(posts, 2);
    const last = seen.at(-1);
    if (last?.by === "profile") t.deepEqual(last.profile, reference._core.ior.profiles[0]);
    if (last?.by === "reference") t.is(iorToString(last.ior), iorToString(reference._core.ior));
  });
}

test("a servant activator has the client name the object by reference; callers of the same process do so, too", async (t) => {
  const { poa, refer } = await pair(t);
  const seen: string[] = [];
  const made = await poa("made", ACTIVATOR);
  made.set_servant_manager({
    incarnate: (_oid, _adapter, target) => {
      seen.push(target.by);
      if (target.by !== "reference") throw new NeedsAddressingMode("reference");
      return new Sample();
    },
    etherealize: () => undefined,
  });
  t.is(await sample.echo(await refer(made, "a"), "x"), "x");
  const near = made.create_reference_with_id(string_to_ObjectId("b"), "IDL:Sample:1.0");
  t.is(await sample.echo(near, "y"), "y");
  t.deepEqual(seen, ["key", "reference", "key", "reference"]);
});

test("who asks for what the client did already gets OBJ_ADAPTER to it; GIOP 1.0 and 1.1 know no such answer", async (t) => {
  const { poa, refer, client, server } = await pair(t);
  const found = await poa("found", LOCATOR);
  found.set_servant_manager({
    preinvoke: () => {
      throw new NeedsAddressingMode("profile");
    },
    postinvoke: () => undefined,
  });
  const error = await t.throwsAsync(sample.echo(await refer(found, "a"), "x"), {
    instanceOf: OBJ_ADAPTER,
  });
  t.is(error?.completed, "COMPLETED_NO");
  server.bindPlainKey("Found", found.create_reference_with_id(string_to_ObjectId("a"), ""));
  const [endpoint] = server.endpoints;
  for (const minor of [0, 1]) {
    const url = `corbaloc:iiop:1.${minor}@${endpoint?.host}:${endpoint?.port}/Found`;
    const old = (await client.string_to_object(url)) as ObjectReference;
    const failed = await t.throwsAsync(sample.echo(old, "x"), { instanceOf: TRANSIENT });
    t.is(failed?.completed, "COMPLETED_NO");
  }
});

test("a oneway request that cannot be asked for ends, and the next one is served", async (t) => {
  const { poa, refer } = await pair(t);
  const found = await poa("found", LOCATOR);
  const servant = new Sample();
  const asked = new Signal();
  found.set_servant_manager({
    preinvoke: (_oid, _adapter, operation) => {
      if (operation !== "fire") return servant;
      asked.give();
      throw new NeedsAddressingMode("reference");
    },
    postinvoke: () => undefined,
  });
  const reference = await refer(found, "a");
  await sample.fire(reference, 1);
  await asked.given;
  t.is(await sample.echo(reference, "x"), "x");
  t.deepEqual(servant.calls, ["echo x"]);
});

test("behind a gate the answer is the gate's outcome", async (t) => {
  const { server, refer } = await pair(t);
  const statuses: string[] = [];
  let upcall: Parameters<DispatchGate["attach"]>[0] | undefined;
  const gate: DispatchGate = {
    attach: (call) => (upcall = call),
    admit: async (arrival, deadline) => {
      const outcome = await upcall?.(arrival, deadline);
      if (outcome === undefined) throw new TypeError("not attached");
      statuses.push(outcome.kind === "reply" ? outcome.status : outcome.kind);
      return outcome;
    },
  };
  const gated = await server.rootPOA.createPoa("gated", { ...LOCATOR, gate });
  let asked = 0;
  gated.set_servant_manager({
    preinvoke: () => {
      if (asked++ === 0) throw new NeedsAddressingMode("profile");
      return new Sample();
    },
    postinvoke: () => undefined,
  });
  t.is(await sample.echo(await refer(gated, "a"), "x"), "x");
  t.deepEqual(statuses, ["NEEDS_ADDRESSING_MODE", "NO_EXCEPTION"]);
});

for (const point of ["receive_request_service_contexts", "receive_request"]) {
  test(`a server request interceptor asks for it in ${point}; both sides see another attempt`, async (t) => {
    const log: string[] = [];
    const servers = [
      serverWatch("S", (at, ri) => {
        if (at.startsWith("send_")) log.push(`${at} ${ri.reply_status}`);
        if (at === point && ri.target_named_by === "key")
          throw new NeedsAddressingMode("reference");
      }),
    ];
    const clients = [
      clientWatch("C", (at, ri) => {
        if (at.startsWith("receive_")) log.push(`${at} ${ri.reply_status}`);
      }),
    ];
    const { far, servant } = await watchedPair(t, { clients }, { servers });
    t.is(await sample.echo(far, "x"), "x");
    const first = ["send_other 4", "receive_other 4"];
    // Who raises in the starting point is not on the stack.
    const expected = point === "receive_request" ? first : first.slice(1);
    t.deepEqual(log, [...expected, "send_reply 0", "receive_reply 0"]);
    t.deepEqual(servant.calls, ["echo x"]);
  });
}

test("at other points it is an exception like any other", async (t) => {
  const servers = [
    serverWatch("S", (at) => {
      if (at === "send_reply") throw new NeedsAddressingMode("reference");
    }),
  ];
  const { far } = await watchedPair(t, {}, { servers });
  await t.throwsAsync(sample.echo(far, "x"), { name: "UNKNOWN" });
});
