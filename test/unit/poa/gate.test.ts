import test from "ava";
import { noLogger } from "../../../orb/base/index.ts";
import {
  Any,
  type Arrival,
  COMM_FAILURE,
  type Deadline,
  DirectGate,
  type DispatchGate,
  gatePolicy,
  InvalidPolicy,
  MemoryTransport,
  MINOR,
  ObjectId_to_string,
  OBJECT_NOT_EXIST,
  ORB_init,
  type Outcome,
  string_to_ObjectId,
  SystemException,
  tc,
  TIMEOUT,
  TRANSIENT,
  UNKNOWN,
  type Upcall,
} from "../../../orb/index.ts";
import { CdrOutput } from "../../../orb/generated.ts";
import { callBox, Refused, Sample, sample } from "../../support/sample.ts";
import { ACTIVATOR, pair, refused, Signal } from "./support.ts";

type Admit = (upcall: Upcall, arrival: Arrival, deadline: Deadline) => Outcome | Promise<Outcome>;

/** The ten-line gate: what it does with an arrival is said in each test. */
class Gate implements DispatchGate {
  readonly arrivals: Arrival[] = [];
  readonly #admit: Admit;
  #upcall: Upcall | undefined;
  attachments = 0;

  constructor(admit: Admit) {
    this.#admit = admit;
  }

  get upcall(): Upcall {
    if (this.#upcall === undefined) throw new TypeError("not attached");
    return this.#upcall;
  }

  attach(upcall: Upcall): void {
    this.#upcall = upcall;
    this.attachments++;
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    this.arrivals.push(arrival);
    return this.#admit(this.upcall, arrival, deadline);
  }
}

const passing: Admit = (upcall, arrival, deadline) => upcall(arrival, deadline);
const USER_ID = { idAssignment: "USER_ID" } as const;

test("what a gate lets pass is no arrival, and its end is told", async (t) => {
  const { server, far } = await pair(t);
  const gate = new Gate(passing);
  let isOpen = true;
  let underWay = 0;
  const passer: DispatchGate = Object.assign(gate, {
    pass: () => {
      if (!isOpen) return undefined;
      underWay++;
      return () => void underWay--;
    },
  });
  const poa = await server.rootPOA.createPoa("gated", { ...USER_ID, gate: passer });
  const servant = new Sample();
  const reference = await far(await poa.activate("a", servant));
  t.is(await sample.echo(reference, "passed"), "passed");
  t.is(gate.arrivals.length, 0);
  t.is(underWay, 0);
  const parked = sample.park(reference);
  await servant.called(2);
  t.is(underWay, 1);
  servant.parked[0]?.();
  await parked;
  t.is(underWay, 0);
  isOpen = false;
  t.is(await sample.echo(reference, "admitted"), "admitted");
  t.is(gate.arrivals.length, 1);
});

test("attach is called once, when the POA is created", async (t) => {
  const { server } = await pair(t);
  const byOption = new Gate(passing);
  await server.rootPOA.createPoa("option", { gate: byOption });
  t.is(byOption.attachments, 1);
  const byPolicy = new Gate(passing);
  await server.rootPOA.create_POA("policy", null, [gatePolicy(byPolicy)]);
  t.is(byPolicy.attachments, 1);
  const error = await t.throwsAsync(
    server.rootPOA.create_POA("wrong", null, [
      { policy_type: 17, value: "TRANSIENT" },
      gatePolicy({} as DispatchGate),
    ]),
    { instanceOf: InvalidPolicy },
  );
  t.is(error?.index, 1);
});

test("admit is called for each arrival over IIOP or collocated, with what the request says", async (t) => {
  const { poa, far, refer } = await pair(t);
  const gate = new Gate(passing);
  const outer = await poa("outer");
  const gated = await outer.createPoa("gated", { ...USER_ID, gate });
  const servant = new Sample();
  const near = await gated.activate("one", servant);
  t.is(await sample.echo(await far(near), "far"), "far");
  t.is(await sample.echo(near, "near"), "near");
  await sample.fire(await refer(gated, "one"), 7);
  await servant.called(3);
  const [overIiop, collocated, oneway] = gate.arrivals;
  t.deepEqual(overIiop?.adapter, ["outer", "gated"]);
  t.is(ObjectId_to_string(overIiop?.objectId ?? new Uint8Array()), "one");
  t.is(overIiop?.operation, "echo");
  t.deepEqual(overIiop?.encoding.version, 2);
  t.deepEqual([...(overIiop?.body ?? [])], [4, 0, 0, 0, 0x66, 0x61, 0x72, 0]);
  t.is(overIiop?.priority, undefined);
  t.deepEqual([overIiop?.replyExpected, oneway?.replyExpected], [true, false]);
  t.not(overIiop?.caller.connectionId, collocated?.caller.connectionId);
  t.is(overIiop?.caller.connectionId, oneway?.caller.connectionId);
  t.not(overIiop?.caller.requestId, oneway?.caller.requestId);
});

test("no promise where the servant gave none", async (t) => {
  const { poa, far } = await pair(t);
  const kinds: string[] = [];
  const gate = new Gate((upcall, arrival, deadline) => {
    const outcome = upcall(arrival, deadline);
    kinds.push(outcome instanceof Promise ? "promise" : outcome.kind);
    return outcome;
  });
  const gated = await poa("gated", { gate });
  const servant = new Sample();
  const reference = await far(await gated.activate(servant));
  await sample.echo(reference, "x");
  const parked = sample.park(reference);
  await servant.called(2);
  servant.parked[0]?.();
  await parked;
  t.deepEqual(kinds, ["reply", "promise"]);
});

test("an exception of the servant is an outcome, not a throw", async (t) => {
  const { poa, far } = await pair(t);
  const statuses: string[] = [];
  const gate = new Gate(async (upcall, arrival, deadline) => {
    const outcome = await upcall(arrival, deadline);
    if (outcome.kind === "reply") statuses.push(outcome.status);
    return outcome;
  });
  const gated = await poa("gated", { ...USER_ID, gate });
  const reference = await far(await gated.activate("one", new Sample()));
  const why = await t.throwsAsync(sample.refuse(reference, "no"), { instanceOf: Refused });
  t.is(why?.why, "no");
  await t.throwsAsync(sample.refuse(reference, "crash"), { instanceOf: UNKNOWN });
  gated.deactivate_object(string_to_ObjectId("one"));
  await refused(t, sample.echo(reference, "x"), OBJECT_NOT_EXIST, MINOR.objectNotActive);
  t.deepEqual(statuses, ["USER_EXCEPTION", "SYSTEM_EXCEPTION", "SYSTEM_EXCEPTION"]);
});

test("hold: an arrival becomes an upcall when the gate says so", async (t) => {
  const { poa, far } = await pair(t);
  const open = new Signal();
  const arrived = new Signal();
  const gate = new Gate(async (upcall, arrival, deadline) => {
    arrived.give();
    await open.given;
    return await upcall(arrival, deadline);
  });
  const servant = new Sample();
  const gated = await poa("gated", { gate });
  const call = sample.echo(await far(await gated.activate(servant)), "held");
  await arrived.given;
  t.deepEqual(servant.calls, []);
  open.give();
  t.is(await call, "held");
});

test("reorder: arrivals become upcalls in the order of the gate", async (t) => {
  const { poa, far } = await pair(t);
  const held: (() => void)[] = [];
  const gate = new Gate(
    (upcall, arrival, deadline) =>
      new Promise((resolve) => {
        held.push(() => resolve(upcall(arrival, deadline)));
        if (held.length === 3) for (const run of held.toReversed()) run();
      }),
  );
  const servant = new Sample();
  const reference = await far(await (await poa("gated", { gate })).activate(servant));
  const calls = ["1", "2", "3"].map((text) => sample.echo(reference, text));
  t.deepEqual(await Promise.all(calls), ["1", "2", "3"]);
  t.deepEqual(servant.calls, ["echo 3", "echo 2", "echo 1"]);
});

test("refuse: an arrival need not become an upcall", async (t) => {
  const { poa, far } = await pair(t);
  const gate = new Gate(() => {
    throw new TRANSIENT("fenced", MINOR.requestDiscarded, "COMPLETED_NO");
  });
  const servant = new Sample();
  const reference = await far(await (await poa("gated", { gate })).activate(servant));
  await refused(t, sample.echo(reference, "x"), TRANSIENT, MINOR.requestDiscarded);
  t.deepEqual(servant.calls, []);
});

test("forward: the outcome sends the client elsewhere", async (t) => {
  const { poa, far } = await pair(t);
  const there = await (await poa("there")).activate(new Sample());
  const gate = new Gate(() => ({
    kind: "forward",
    to: there._core.ior,
    permanent: false,
    contexts: [],
  }));
  const servant = new Sample();
  const reference = await far(await (await poa("gated", { gate })).activate(servant));
  t.is(await sample.echo(reference, "elsewhere"), "elsewhere");
  t.deepEqual(servant.calls, []);
});

test("reply for another: the outcome of one arrival answers another", async (t) => {
  const { poa, far } = await pair(t);
  let first: Outcome | undefined;
  const gate = new Gate((upcall, arrival, deadline) => {
    first ??= upcall(arrival, deadline) as Outcome;
    return first;
  });
  const servant = new Sample();
  const reference = await far(await (await poa("gated", { gate })).activate(servant));
  t.is(await sample.echo(reference, "first"), "first");
  t.is(await sample.echo(reference, "second"), "first");
  t.deepEqual(servant.calls, ["echo first"]);
});

test("upcall also serves arrivals that came by another way", async (t) => {
  const { poa, server } = await pair(t);
  const leader = new Gate(passing);
  const follower = new Gate(passing);
  const leading = new Sample();
  const following = new Sample();
  const first = await poa("leader", { ...USER_ID, gate: leader });
  await (await poa("follower", { ...USER_ID, gate: follower })).activate("one", following);
  await sample.echo(await first.activate("one", leading), "again");
  const [arrival] = leader.arrivals;
  if (arrival === undefined) throw new TypeError("nothing arrived");
  const never = { atMs: Infinity } as Deadline;
  const outcome = await follower.upcall(arrival, never);
  t.deepEqual(following.calls, ["echo again"]);
  t.deepEqual(outcome, await leader.upcall(arrival, never));
  t.deepEqual(follower.arrivals, [], "the group does not come by admit");
  await server.rootPOA.find_POA("follower").destroy();
  const late = await follower.upcall(arrival, never);
  t.is(late.kind === "reply" ? late.status : late.kind, "SYSTEM_EXCEPTION");
});

test("the gate stands above the servants: their manager is asked by the upcall", async (t) => {
  const { poa, refer } = await pair(t);
  const order: string[] = [];
  const gate = new Gate((upcall, arrival, deadline) => {
    order.push("gate");
    return upcall(arrival, deadline);
  });
  const gated = await poa("gated", { ...ACTIVATOR, gate });
  gated.set_servant_manager({
    incarnate: () => {
      order.push("incarnate");
      return new Sample();
    },
    etherealize: () => undefined,
  });
  t.is(await sample.echo(await refer(gated, "a"), "x"), "x");
  t.deepEqual(order, ["gate", "incarnate"]);
});

test("the gate stands behind the manager's state", async (t) => {
  const { server, far } = await pair(t);
  const gate = new Gate(passing);
  const manager = await server.rootPOA.the_POAManagerFactory.create_POAManager("held");
  const gated = await server.rootPOA.createPoa("gated", { manager, gate });
  const call = sample.echo(await far(await gated.activate(new Sample())), "x");
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual([gate.arrivals.length, manager.heldCount], [0, 1]);
  manager.activate();
  await call;
  t.is(gate.arrivals.length, 1);
});

test("a gate that does not settle before the deadline answers TIMEOUT", async (t) => {
  const gate = new Gate((_upcall, _arrival, deadline) => {
    t.true(deadline.atMs < Infinity);
    return new Promise(() => undefined);
  });
  const short = await ORB_init(["-ORBDeadlineMs", "20"]);
  t.teardown(() => short.destroy());
  short.rootPOA.the_POAManager.activate();
  const gated = await short.rootPOA.createPoa("gated", { gate });
  const near = await gated.activate(new Sample());
  const call = sample.echo(near, "x", { timeoutMs: 5_000 });
  await refused(t, call, TIMEOUT, MINOR.gateExpired, "COMPLETED_MAYBE");
});

test("an outcome that is none: the client hears an exception, its connection goes on, and the POA can be destroyed", async (t) => {
  const { poa, far } = await pair(t);
  const beside = await far(await (await poa("beside")).activate(new Sample()));
  const reply = { kind: "reply", status: "NO_EXCEPTION", contexts: [] };
  const wrong: unknown[] = [undefined, null, { kind: "what" }, reply, { ...reply, status: "?" }];
  for (const [n, outcome] of [...wrong, ...wrong.map((each) => Promise.resolve(each))].entries()) {
    const gated = await poa(`gated ${n}`, { gate: new Gate(() => outcome as Outcome) });
    const call = sample.echo(await far(await gated.activate(new Sample())), "x");
    const error = await t.throwsAsync(call);
    t.true(error instanceof SystemException && !(error instanceof COMM_FAILURE), String(error));
    t.is(await sample.echo(beside, "alive"), "alive");
    await gated.destroy(false, true);
  }
});

test("an exception with numbers that no wire has: the client hears it, its connection goes on, and the POA can be destroyed", async (t) => {
  const { poa, far } = await pair(t);
  const beside = await far(await (await poa("beside")).activate(new Sample()));
  const vendor = 0x8123_4000;
  const make = (): TRANSIENT => new TRANSIENT("x", vendor | 1, "COMPLETED" as never);
  const raise = (): never => {
    throw make();
  };
  const ways: readonly (() => Outcome | Promise<Outcome>)[] = [raise, () => Promise.reject(make())];
  for (const [n, way] of ways.entries()) {
    const gated = await poa(`gated ${n}`, { gate: new Gate(way) });
    const call = sample.echo(await far(await gated.activate(new Sample())), "x");
    await refused(t, call, TRANSIENT, 0x8123_4001, "COMPLETED_MAYBE");
    const servant = new Sample();
    servant.echo = way as () => never;
    const plain = await poa(`plain ${n}`);
    const asked = sample.echo(await far(await plain.activate(servant)), "x");
    await refused(t, asked, TRANSIENT, 0x8123_4001, "COMPLETED_MAYBE");
    t.is(await sample.echo(beside, "alive"), "alive");
    await gated.destroy(false, true);
    await plain.destroy(false, true);
  }
});

test("a log that throws keeps no POA from its end", async (t) => {
  const fail = (): never => {
    throw new Error("the disk is full");
  };
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport, logger: { ...noLogger, error: fail } });
  const client = await ORB_init([], { transport });
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  server.rootPOA.the_POAManager.activate();
  const gate = new Gate(() => {
    throw new TypeError("a bug of the gate");
  });
  const gated = await server.rootPOA.createPoa("gated", { gate });
  const there = server.object_to_string(await gated.activate(new Sample()));
  const far = await client.string_to_object(there);
  if (far === null) throw new TypeError("nil");
  await t.throwsAsync(sample.echo(far, "x"));
  await gated.destroy(false, true);
});

test("outcomes with contexts: they travel with the reply, and the body stays where it belongs", async (t) => {
  const { poa, far } = await pair(t);
  const gate = new Gate(async (upcall, arrival, deadline) => {
    const outcome = await upcall(arrival, deadline);
    const contexts = [{ id: 0x7777, data: new Uint8Array([1, 2, 3]) }];
    return outcome.kind === "none" ? outcome : { ...outcome, contexts };
  });
  const reference = await far(await (await poa("gated", { gate })).activate(new Sample()));
  t.is(await sample.echo(reference, "with contexts"), "with contexts");
});

test("the direct gate is the default: every arrival becomes an upcall at once", async (t) => {
  const { poa, far } = await pair(t);
  const reference = await far(
    await (await poa("direct", { gate: new DirectGate() })).activate(new Sample()),
  );
  t.is(await sample.echo(reference, "x"), "x");
  const gate = new DirectGate();
  gate.attach(() => ({ kind: "none" }));
  t.deepEqual(gate.admit({} as Arrival, { atMs: 0 } as Deadline), { kind: "none" });
  t.throws(() => new DirectGate().admit({} as Arrival, { atMs: 0 } as Deadline), {
    instanceOf: TypeError,
  });
});

test("an arrival's octets are its own", async (t) => {
  const { poa, far } = await pair(t);
  const gate = new Gate(passing);
  const reference = await far(await (await poa("gated", { gate })).activate(new Sample()));
  await sample.echo(reference, "first");
  const before = Buffer.from(gate.arrivals[0]?.body ?? []).toString("hex");
  for (let i = 0; i < 50; i++) await sample.echo(reference, "z".repeat(i));
  t.is(Buffer.from(gate.arrivals[0]?.body ?? []).toString("hex"), before);
  const written = new CdrOutput().string("first").finish();
  t.is(before, Buffer.from(written).toString("hex"));
});

for (const minor of [0, 1, 2])
  test(`GIOP 1.${minor}: arguments and results keep the alignment of their data, wherever the body begins`, async (t) => {
    const { server, client, poa } = await pair(t);
    const withContext: Admit = async (upcall, arrival, deadline) => {
      const outcome = await upcall(arrival, deadline);
      // Four octets more in front of the body than an even number of eights.
      const contexts = [{ id: 0x7777, data: new Uint8Array(4) }];
      return outcome.kind === "none" ? outcome : { ...outcome, contexts };
    };
    const versions = new Set<number>();
    const starts = new Set<number>();
    for (const admit of [passing, withContext]) {
      const gate = new Gate(admit);
      const gated = await poa(`gated ${admit === passing}`, { gate });
      const reference = await gated.activate(new Sample());
      const [{ host, port } = { host: "", port: 0 }] = server.endpoints;
      for (const key of ["k", "kkkk", "kkkkkkkk", "kkkkkkkkkkkk"]) {
        server.bindPlainKey(key, reference);
        const url = `corbaloc:iiop:1.${minor}@${host}:${port}/${key}`;
        const there = await client.string_to_object(url);
        if (there === null) throw new TypeError("nil");
        const boxed = await callBox(there, new Any(tc.double, 1.25));
        t.is(boxed.value, 1.25, key);
        versions.add(gate.arrivals.at(-1)?.encoding.version ?? -1);
        if (minor !== 2) starts.add(gate.arrivals.at(-1)?.body[0] ?? 0);
      }
    }
    t.deepEqual([...versions], [minor]);
    t.deepEqual(
      [...starts].toSorted((a, b) => a - b),
      minor === 2 ? [] : [8, 12],
    );
  });
