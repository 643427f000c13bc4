import test from "ava";
import fc from "fast-check";
import { TestClock } from "../../../orb/base/index.ts";
import { newGroupClient } from "../../../orb/call/index.ts";
import { decapsulate } from "../../../orb/cdr/index.ts";

type Request = ReturnType<ReturnType<typeof newGroupClient>["newRequest"]>;

test("FT_REQUEST has the client's name, a number of its own and its last instant", (t) => {
  const run = fc.uint8Array({ maxLength: 20 });
  const instants = fc.array(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }), { minLength: 2 });
  fc.assert(
    fc.property(run, instants, (octets, all) => {
      const client = newGroupClient(octets, new TestClock());
      // Each is looked at when all are made: none may be written again.
      const made = all.map((instant) => client.newRequest(1n, instant).context);
      const read = made.map(({ data }) =>
        decapsulate(data, (input) => [input.string(), input.long(), input.ulonglong()]),
      );
      const name = `orbweaver-${Buffer.from(octets).toString("hex")}`;
      t.deepEqual(
        read,
        all.map((instant, at) => [name, at + 1, instant]),
      );
      t.true(made.every(({ id }) => id === 13));
    }),
  );
});

test("FT_GROUP_VERSION has the version asked for, also when another one was asked for before", (t) => {
  const client = newGroupClient(Uint8Array.of(1), new TestClock());
  const versions = [0, 7, 7, 0, 0xffff_ffff, 1].map((version) => client.ofVersion(version));
  t.deepEqual(
    versions.map(({ data }) => decapsulate(data, (input) => input.ulong())),
    [0, 7, 7, 0, 0xffff_ffff, 1],
  );
  t.true(versions.every(({ id }) => id === 12));
});

function numberOf({ context }: Request): number {
  return decapsulate(context.data, (input) => {
    input.string();
    return input.long();
  });
}

/** What it tells is the number before which all are answered. */
function told(request: Request): number | undefined {
  const context = request.answered();
  return context === undefined ? undefined : decapsulate(context.data, (input) => input.long());
}

const MOST_SILENT = 100;

test("one of some twenty requests tells which are answered, also of those that only every second one is", (t) => {
  for (const step of [1, 2, 3, 4, 5, 8, 16]) {
    const client = newGroupClient(Uint8Array.of(1), new TestClock());
    let silent = 0;
    let toldCount = 0;
    for (let i = 0; i < 4_000; i++) {
      const request = client.newRequest(1n, 0n);
      if (i % step === 0) {
        const before = told(request);
        silent = before === undefined ? silent + 1 : 0;
        if (before !== undefined) {
          t.is(before, numberOf(request), "all before it are answered");
          toldCount++;
        }
        t.true(silent <= MOST_SILENT, `${silent} of each ${step}`);
      }
      request.ended(true);
    }
    t.true(toldCount > 4_000 / step / 32, `${toldCount} of each ${step}`);
  }
});

test("what is open is not told as answered, in the group where it is open, in whatever order others end", (t) => {
  const client = newGroupClient(Uint8Array.of(1), new TestClock());
  const open: Request[] = [];
  const steps = fc.array(fc.record({ isOther: fc.boolean(), ends: fc.nat() }), { minLength: 300 });
  let toldCount = 0;
  fc.assert(
    fc.property(steps, (all) => {
      for (const { isOther, ends } of all) {
        if (isOther) client.newRequest(2n, 0n);
        else open.push(client.newRequest(1n, 0n));
        if (ends % 3 > 0) open.splice(ends % Math.max(1, open.length), 1)[0]?.ended(true);
        const before = open.map(told).find((one) => one !== undefined);
        if (before === undefined) continue;
        toldCount++;
        t.is(before, Math.min(...open.map(numberOf)));
      }
    }),
    { numRuns: 10 },
  );
  t.true(toldCount > 100);
});

test("a call that takes long is open until it has ended", (t) => {
  const client = newGroupClient(Uint8Array.of(1), new TestClock());
  const long = client.newRequest(1n, 0n);
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) {
    if (i === 100) long.ended(true);
    const request = client.newRequest(1n, 0n);
    const before = told(request);
    if (before !== undefined) seen.add(i < 100 ? before : before - numberOf(request));
    request.ended(true);
  }
  t.deepEqual([...seen], [numberOf(long), 0]);
});

test("a oneway request that left is open for two seconds more: another connection may be faster", (t) => {
  const clock = new TestClock();
  const client = newGroupClient(Uint8Array.of(1), clock);
  const oneway = client.newRequest(1n, 0n);
  oneway.ended(false);
  const seen = (): number => {
    for (;;) {
      const request = client.newRequest(1n, 0n);
      const before = told(request);
      request.ended(true);
      if (before !== undefined) return before;
    }
  };
  t.is(seen(), numberOf(oneway));
  clock.advanceMs(1_999);
  t.is(seen(), numberOf(oneway));
  clock.advanceMs(1);
  t.true(seen() > numberOf(oneway));
});

test("of many groups those that nothing is open to are forgotten, and no other", (t) => {
  const client = newGroupClient(Uint8Array.of(1), new TestClock());
  const long = client.newRequest(0n, 0n);
  for (let group = 1n; group < 3_000n; group++) client.newRequest(group, 0n).ended(true);
  const before = Array.from({ length: 50 }, () => client.newRequest(0n, 0n)).map(told);
  t.deepEqual(
    [...new Set(before)].filter((one) => one !== undefined),
    [numberOf(long)],
  );
});
