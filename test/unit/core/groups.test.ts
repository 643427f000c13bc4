// References to object groups: who is asked, what is told, and when a request is sent again.
import test from "ava";
import type { RequestHeader } from "../../../orb/giop/index.ts";
import {
  BAD_CONTEXT,
  COMM_FAILURE,
  NO_PERMISSION,
  OBJECT_NOT_EXIST,
  TRANSIENT,
} from "../../../orb/index.ts";
import { iorToString } from "../../../orb/ior/index.ts";
import { GROUP, groupIor, profileOf, scene, toldBy } from "./group-members.ts";
import { sample } from "../../support/sample.ts";

test("the primary is asked first, the others where it refuses", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.live("a"), await s.live("b")];
  const reference = await s.reference(groupIor([a, { ...b, isPrimary: true }]));
  t.is(await sample.echo(reference, "1"), "1");
  t.deepEqual([a.servant.calls, b.servant.calls], [[], ["echo 1"]]);
  const refusing = await s.reference(groupIor([{ host: "c", isPrimary: true }, a]));
  t.is(await sample.echo(refusing, "2"), "2");
  t.deepEqual(a.servant.calls, ["echo 2"]);
});

test("a request that a member read before it died goes to the next one, and is the same request", async (t) => {
  const s = await scene(t);
  const dead = [await s.dying("a"), await s.dying("b")];
  const c = await s.live("c");
  const ior = groupIor([{ host: "a", isPrimary: true }, { host: "b" }, c]);
  const reference = await s.reference(ior);
  t.is(await sample.echo(reference, "x", { timeoutMs: 5_000 }), "x");
  t.deepEqual(c.servant.calls, ["echo x"]);
  const told = dead.map(([header]) => toldBy(header as RequestHeader));
  t.deepEqual(told[0], told[1]);
  t.is(told[0]?.version, GROUP.version);
  t.is(told[0]?.retentionId, 1);
  // TimeBase: 100 ns since 1582.
  t.is(told[0]?.expiration, BigInt(s.clock.wallMs() + 5_000) * 10_000n + 0x01b2_1dd2_1381_4000n);
  // The member that served is remembered.
  t.is(await sample.echo(reference, "y"), "y");
  t.deepEqual(
    dead.map((requests) => requests.length),
    [1, 1],
  );
});

test("after a loss the answer of the next member is the call's, whatever it is", async (t) => {
  const s = await scene(t);
  await s.dying("a");
  const b = await s.live("b");
  const reference = await s.reference(groupIor([{ host: "a", isPrimary: true }, b]));
  b.servant.echo = () => {
    throw new NO_PERMISSION("the account is closed", 7, "COMPLETED_NO");
  };
  const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: NO_PERMISSION });
  t.is(error?.minor, 7);
  t.is(error?.completed, "COMPLETED_NO");
});

for (const Refused of [BAD_CONTEXT, OBJECT_NOT_EXIST])
  test(`after a loss a member's ${Refused.name} says nothing of the request: it may have been executed`, async (t) => {
    const s = await scene(t);
    await s.dying("a");
    const b = await s.live("b");
    const reference = await s.reference(groupIor([{ host: "a", isPrimary: true }, b]));
    b.servant.echo = () => {
      throw new Refused("no such request, or none any more", 0, "COMPLETED_NO");
    };
    const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: COMM_FAILURE });
    t.is(error?.completed, "COMPLETED_MAYBE");
  });

test("without a group the same loss is COMM_FAILURE, and nobody else is asked", async (t) => {
  const s = await scene(t);
  const requests = await s.dying("a");
  const b = await s.live("b");
  const profiles = [profileOf({ host: "a" }, undefined), profileOf(b, undefined)];
  const reference = await s.reference(iorToString({ typeId: "", profiles }));
  const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: COMM_FAILURE });
  t.is(error?.completed, "COMPLETED_MAYBE");
  t.is(requests.length, 1);
  t.deepEqual(b.servant.calls, []);
});

test("a group of which all members die is asked until the request expires", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.dying("a"), await s.dying("b")];
  const reference = await s.reference(groupIor([{ host: "a" }, { host: "b" }]));
  let error: unknown;
  const call = sample.echo(reference, "x", { timeoutMs: 1_000 }).catch((thrown: unknown) => {
    error = thrown;
  });
  for (let n = 0; n < 20 && error === undefined; n++) {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    s.clock.advanceMs(100);
  }
  await call;
  t.true(error instanceof COMM_FAILURE, String(error));
  t.is((error as COMM_FAILURE).completed, "COMPLETED_MAYBE");
  t.true(a.length >= 5 && a.length <= 10, `${a.length}`);
  t.is(a.length, b.length);
  t.is(new Set([...a, ...b].map((header) => toldBy(header).retentionId)).size, 1);
});

test("a group of which nobody is there is TRANSIENT at once", async (t) => {
  const s = await scene(t);
  const reference = await s.reference(groupIor([{ host: "a" }, { host: "b" }]));
  const error = await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
  t.is(error?.completed, "COMPLETED_NO");
  t.is(s.clock.nowMs(), 1_000);
});

test("a caller that gives up ends the search", async (t) => {
  const s = await scene(t);
  const requests = await s.dying("a");
  const abort = new AbortController();
  const reference = await s.reference(groupIor([{ host: "a" }]));
  const call = sample.echo(reference, "x", { signal: abort.signal });
  while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  s.clock.advanceMs(100);
  await t.throwsAsync(call, { instanceOf: COMM_FAILURE });
  t.is(requests.length, 1);
});

test("a newer version of the group takes the reference's place for good", async (t) => {
  const s = await scene(t);
  const [a, b] = [await s.live("a"), await s.live("b")];
  const newer = await s.reference(groupIor([b], GROUP.version + 1));
  const reference = await s.reference(groupIor([a]));
  t.is(reference._core.group?.version, 3);
  reference._core.forwardTo(newer._core.ior);
  t.is(reference._core.group?.version, 4);
  t.false(reference._core.isForwarded);
  reference._core.dropForward();
  t.is(await sample.echo(reference, "x"), "x");
  t.deepEqual([a.servant.calls, b.servant.calls], [[], ["echo x"]]);
  // An older one is a forward like any other.
  reference._core.forwardTo((await s.reference(groupIor([a])))._core.ior);
  t.true(reference._core.isForwarded);
});

test("all versions of a group's reference are equivalent and have one hash", async (t) => {
  const s = await scene(t);
  const one = await s.reference(groupIor([{ host: "a" }], 1));
  const two = await s.reference(groupIor([{ host: "b" }, { host: "c" }], 2));
  const single = await s.reference("corbaloc:iiop:1.2@a:1/dead");
  t.true(one._is_equivalent(two));
  t.is(one._hash(1_000), two._hash(1_000));
  t.false(one._is_equivalent(single));
});
