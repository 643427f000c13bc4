import test, { type ExecutionContext } from "ava";
import { type ORBInitInfo, type PICurrent } from "../../../interceptors/index.ts";
import { PortableInterceptor } from "../../../idl/index.ts";
import { Any, BAD_INV_ORDER, MemoryTransport, type ORB, tc } from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { clientWatch, serverWatch, watchedOrb, watchedPair } from "./support.ts";

const { InvalidSlot } = PortableInterceptor;

const text = (value: string): Any => new Any(tc.string(), value);

async function currentOf(orb: ORB): Promise<PICurrent> {
  return (await orb.resolve_initial_references("PICurrent")) as unknown as PICurrent;
}

const oneSlot = (info: ORBInitInfo): void => void info.allocate_slot_id();

test("slots are numbered from 0, hold tk_null at first, and others are InvalidSlot", async (t) => {
  const ids: number[] = [];
  const orb = await watchedOrb(t, new MemoryTransport(), {
    pre: (info) => void ids.push(info.allocate_slot_id(), info.allocate_slot_id()),
    post: (info) => void ids.push(info.allocate_slot_id()),
  });
  t.deepEqual(ids, [0, 1, 2]);
  const current = await currentOf(orb);
  t.is(current.get_slot(2).type.kind(), "tk_null");
  current.set_slot(2, text("x"));
  t.is(current.get_slot(2).value, "x");
  for (const id of [3, -1, 0.5]) {
    t.throws(() => current.get_slot(id), { instanceOf: InvalidSlot });
    t.throws(() => current.set_slot(id, text("x")), { instanceOf: InvalidSlot });
  }
});

test("inside an initializer PICurrent raises BAD_INV_ORDER 14", async (t) => {
  await watchedOrb(t, new MemoryTransport(), {
    pre: oneSlot,
    post: async (info) => {
      const current = (await info.resolve_initial_references("PICurrent")) as unknown as PICurrent;
      for (const use of [() => current.get_slot(0), () => current.set_slot(0, text("x"))])
        t.is(t.throws(use, { instanceOf: BAD_INV_ORDER })?.minor, 0x4f4d_000e);
    },
  });
});

test("a call has a copy of the caller's slots, through awaits and retries, whatever the caller sets later", async (t) => {
  const seen: unknown[] = [];
  const clients = [
    clientWatch("C", (point, ri) => {
      seen.push(`${point} ${String(ri.get_slot(0).value)}`);
      t.throws(() => ri.get_slot(1), { instanceOf: InvalidSlot });
    }),
  ];
  const { far, client, servant } = await watchedPair(t, { clients, pre: oneSlot });
  const current = await currentOf(client);
  const work = async (name: string): Promise<void> => {
    current.set_slot(0, text(name));
    await Promise.resolve();
    const call = sample.park(far);
    current.set_slot(0, text("later"));
    await call;
    t.is(current.get_slot(0).value, "later");
  };
  const both = Promise.all([work("one"), work("two")]);
  await servant.called(2);
  for (const release of servant.parked) release();
  await both;
  t.deepEqual(seen, [
    "send_request one",
    "send_request two",
    "receive_reply one",
    "receive_reply two",
  ]);
});

test("what an interceptor sets in PICurrent is for the calls it makes itself: it knows its own again", async (t) => {
  const log: string[] = [];
  let inner: Promise<string> | undefined;
  let current: PICurrent | undefined;
  const clients = [
    clientWatch("C", (point, ri) => {
      const isOwn = ri.get_slot(0).value === "own";
      log.push(`${point} ${isOwn ? "own" : "other"}`);
      if (isOwn || point !== "send_request") return;
      t.is(current?.get_slot(0).type.kind(), "tk_null");
      current?.set_slot(0, text("own"));
      inner = sample.echo(far, "inner");
    }),
  ];
  const { far, client } = await watchedPair(t, { clients, pre: oneSlot });
  current = await currentOf(client);
  current.set_slot(0, text("caller"));
  t.is(await sample.echo(far, "outer"), "outer");
  t.is(await inner, "inner");
  t.is(current.get_slot(0).value, "caller");
  t.deepEqual(log.toSorted(), [
    "receive_reply other",
    "receive_reply own",
    "send_request other",
    "send_request own",
  ]);
});

for (const where of ["remote", "collocated"] as const)
  test(`a servant sees what interceptors set, ${where}, also behind its awaits; they see what it sets; its calls go on with it`, async (t) => {
    const { server, far, near, poa } = await slotted(t);
    const current = await currentOf(server.orb);
    const servant = new Sample();
    const seen: unknown[] = [];
    servant.echo = async (given: string) => {
      seen.push(current.get_slot(0).value);
      await new Promise((resolve) => setImmediate(resolve));
      current.set_slot(1, text(`${String(current.get_slot(0).value)} of ${given}`));
      await Promise.resolve();
      return given;
    };
    const made = await poa.activate("two", servant);
    const there = where === "remote" ? await far(made) : near(made);
    await Promise.all([sample.echo(there, "a"), sample.echo(there, "b")]);
    t.deepEqual(seen, ["set for echo", "set for echo"]);
    t.deepEqual(server.log.toSorted(), ["set for echo of a", "set for echo of b"]);
  });

/** A server whose interceptor sets slot 0, and tells of slot 1 when all is over. */
async function slotted(t: ExecutionContext) {
  const log: string[] = [];
  const servers = [
    serverWatch("S", (point, ri) => {
      if (point === "receive_request_service_contexts") {
        t.is(ri.get_slot(0).type.kind(), "tk_null");
        ri.set_slot(0, text(`set for ${ri.operation}`));
        t.throws(() => ri.set_slot(2, text("x")), { instanceOf: InvalidSlot });
      }
      if (point === "send_reply") log.push(String(ri.get_slot(1).value));
    }),
  ];
  const pre = (info: ORBInitInfo): void => void [oneSlot(info), oneSlot(info)];
  const { server, client, poa } = await watchedPair(t, {}, { servers, pre });
  return {
    server: { orb: server, log },
    poa,
    near: <T>(reference: T): T => reference,
    far: async (reference: Parameters<typeof server.object_to_string>[0] & object) => {
      const there = await client.string_to_object(server.object_to_string(reference));
      if (there === null) throw new TypeError("nil");
      return there;
    },
  };
}

test("without a slot nothing is followed, and slots of requests are InvalidSlot", async (t) => {
  const clients = [
    clientWatch(
      "C",
      (_point, ri) => void t.throws(() => ri.get_slot(0), { instanceOf: InvalidSlot }),
    ),
  ];
  const { far, client } = await watchedPair(t, { clients });
  t.is(await sample.echo(far, "x"), "x");
  const current = await currentOf(client);
  t.throws(() => current.get_slot(0), { instanceOf: InvalidSlot });
});
