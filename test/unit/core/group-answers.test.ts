// What a client tells groups of requests that they need not know any more: all before the oldest that is open.
import test, { type ExecutionContext } from "ava";
import {
  type Arrival,
  type Deadline,
  DirectGate,
  type DispatchGate,
  NO_PERMISSION,
  type ObjectReference,
  ORB_init,
  type Outcome,
  type Upcall,
} from "../../../orb/index.ts";
import { iiopProfilesOf, type Ior, iorToString } from "../../../orb/ior/index.ts";
import { groupIor, type Scene, scene } from "./group-members.ts";
import { Sample, sample } from "../../support/sample.ts";

type Heard = NonNullable<Arrival["caller"]["ftRequest"]>;

class ListeningGate implements DispatchGate {
  readonly heard: Heard[] = [];
  /** Where requests are sent on to. */
  elsewhere: Ior | undefined;
  readonly #gate = new DirectGate();

  attach(upcall: Upcall): void {
    this.#gate.attach(upcall);
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    const { ftRequest } = arrival.caller;
    if (ftRequest !== undefined) this.heard.push(ftRequest);
    const { elsewhere: to } = this;
    if (to !== undefined) return { kind: "forward", to, permanent: false, contexts: [] };
    return this.#gate.admit(arrival, deadline);
  }
}

interface Group {
  readonly s: Scene;
  readonly servant: Sample;
  readonly reference: ObjectReference;
  readonly gate: ListeningGate;
  readonly heard: readonly Heard[];
}

async function found(t: ExecutionContext): Promise<Group> {
  return foundIn(t, await scene(t), "a", 7n);
}

/** A group of one member. */
async function foundIn(t: ExecutionContext, s: Scene, host: string, id: bigint): Promise<Group> {
  const server = await ORB_init(["-ORBListenEndpoints", `iiop://${host}:1`], {
    transport: s.transport,
    clock: s.clock,
  });
  t.teardown(() => server.destroy());
  const gate = new ListeningGate();
  const poa = await server.rootPOA.createPoa("group", { gate });
  const servant = new Sample();
  const near = await poa.activate(servant);
  poa.the_POAManager.activate();
  const key = iiopProfilesOf(near._core.ior)[0]?.objectKey ?? new Uint8Array();
  const reference = await s.reference(groupIor([{ host, key }], 1, id));
  return { s, servant, reference, gate, heard: gate.heard };
}

/** More than pass before one tells. */
const MANY = 60;

/** What the last that told said. @returns how far it was behind its own number: 0 when nothing else is open */
async function behind({ reference, heard }: Group): Promise<number | undefined> {
  for (let i = 0; i < MANY; i++) await sample.echo(reference, "x");
  const last = heard.slice(-MANY).findLast(({ answered }) => answered !== undefined);
  return last?.answered === undefined ? undefined : last.retentionId - last.answered;
}

type Way = (group: Group) => Promise<unknown>;

const ENDS: Readonly<Record<string, Way>> = {
  "an answer": ({ reference }) => sample.echo(reference, "x"),
  "a user exception": ({ reference }) => sample.refuse(reference, "no"),
  "a system exception": ({ reference, servant }) => {
    servant.echo = (text) => {
      servant.echo = (later) => later;
      throw new NO_PERMISSION(text);
    };
    return sample.echo(reference, "x");
  },
  "its time limit": async ({ s, reference, servant }) => {
    const call = sample.park(reference, { timeoutMs: 500 });
    await servant.called(1);
    s.clock.advanceMs(500);
    await call;
  },
  "the caller, who gives up": async ({ reference, servant }) => {
    const abort = new AbortController();
    const call = sample.park(reference, { signal: abort.signal });
    await servant.called(1);
    abort.abort();
    await call;
  },
  "a limit that is none": ({ reference }) => sample.echo(reference, "x", { timeoutMs: 0 }),
  "the reply to a oneway request": ({ reference }) =>
    sample.fire(reference, 1, { policies: { syncScope: "SYNC_WITH_SERVER" } }),
  "nobody, when its members are gone": async ({ s }) => {
    const nowhere = await s.reference(groupIor([{ host: "nowhere" }]));
    await sample.echo(nowhere, "x");
  },
};

for (const [name, way] of Object.entries(ENDS))
  test(`a call that is ended by ${name} is open no more`, async (t) => {
    const group = await found(t);
    await way(group).catch(() => undefined);
    t.is(await behind(group), 0);
  });

test("a call is open as long as it may be sent again, whatever passes it", async (t) => {
  const group = await found(t);
  const { reference, servant, heard } = group;
  const parked = sample.park(reference);
  await servant.called(1);
  for (let i = 0; i < 3; i++) {
    await behind(group);
    t.is(heard.findLast(({ answered }) => answered !== undefined)?.answered, heard[0]?.retentionId);
  }
  servant.parked[0]?.();
  await parked;
  t.is(await behind(group), 0);
});

for (const syncScope of ["SYNC_NONE", "SYNC_WITH_TRANSPORT"] as const)
  test(`a oneway request (${syncScope}) is open for a while after it left: what is sent later may arrive before it`, async (t) => {
    const group = await found(t);
    await sample.fire(group.reference, 1, { policies: { syncScope } });
    t.true(((await behind(group)) ?? 0) > 0);
    group.s.clock.advanceMs(2_000);
    t.is(await behind(group), 0);
  });

test("a request that is sent on to another group is another one there, and open there until it has ended", async (t) => {
  const one = await found(t);
  const other = await foundIn(t, one.s, "b", 8n);
  await behind(other);
  const count = other.heard.length;
  one.gate.elsewhere = other.reference._core.ior;
  const parked = sample.park(one.reference);
  await other.servant.called(count + 1);
  const [there] = other.heard.slice(count);
  t.true((there?.retentionId ?? 0) > (one.heard[0]?.retentionId ?? 0));
  await behind(other);
  t.is(
    other.heard.findLast(({ answered }) => answered !== undefined)?.answered,
    there?.retentionId,
  );
  one.gate.elsewhere = undefined;
  const { reference } = one;
  const again = await one.s.reference(iorToString(reference._core.ior));
  t.is(await behind({ ...one, reference: again }), 0);
  other.servant.parked[0]?.();
  await parked;
  t.is(await behind(other), 0);
});
