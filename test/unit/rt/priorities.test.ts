import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { BAD_PARAM, DATA_CONVERSION, INITIALIZE, MINOR } from "../../../orb/exception/index.ts";
import {
  checkPriority,
  ContinuousMapping,
  DEFAULT_NATIVE_RANGE,
  DirectMapping,
  LinearMapping,
  mappingByName,
  type MappingName,
  PriorityMappingManager,
  rateMonotonic,
  RTCurrent,
} from "../../../orb/rt/index.ts";

const priority = fc.integer({ min: 0, max: 32_767 });
const range = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }))
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

test("the linear mapping spreads 0 to 32767 over 1 to 48 by default, as TAO's does over its range", (t) => {
  t.deepEqual(DEFAULT_NATIVE_RANGE, { min: 1, max: 48 });
  const mapping = new LinearMapping();
  t.deepEqual(
    [0, 5_000, 15_000, 25_000, 32_767].map((p) => mapping.to_native(p)),
    [1, 8, 22, 36, 48],
  );
  for (const outside of [-1, 32_768, 1.5]) t.is(mapping.to_native(outside), undefined);
  for (const outside of [0, 49, 2.5]) t.is(mapping.to_CORBA(outside), undefined);
});

test("the linear mapping keeps the order, and every native priority survives the way there and back", (t) => {
  fc.assert(
    fc.property(priority, priority, range, (a, b, of) => {
      const mapping = new LinearMapping(of);
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((p) => mapping.to_native(p) ?? NaN);
      t.true((low as number) <= (high as number));
      for (let native = of.min; native <= of.max; native++) {
        if (of.min === of.max) continue;
        t.is(mapping.to_native(mapping.to_CORBA(native) ?? NaN), native);
      }
    }),
  );
});

test("direct and continuous mappings know the priorities of their range and no others", (t) => {
  fc.assert(
    fc.property(priority, range, (p, of) => {
      const direct = new DirectMapping(of);
      const isNative = p >= of.min && p <= of.max;
      t.is(direct.to_native(p), isNative ? p : undefined);
      t.is(direct.to_CORBA(p), isNative ? p : undefined);
      const continuous = new ContinuousMapping(of);
      const native = continuous.to_native(p);
      t.is(native, p <= of.max - of.min ? of.min + p : undefined);
      if (native !== undefined) t.is(continuous.to_CORBA(native), p);
    }),
  );
});

test("a mapping is chosen by name; a range that the system has not is INITIALIZE minor OMG 1", (t) => {
  const names: readonly MappingName[] = ["linear", "direct", "continuous"];
  const of = { min: 10, max: 20 };
  t.deepEqual(
    names.map((name) => mappingByName(name, of).to_native(10)),
    [10, 10, 20],
  );
  for (const wrong of [
    { min: 0, max: 48 },
    { min: 1, max: 100 },
    { min: 20, max: 10 },
  ]) {
    const error = t.throws(() => mappingByName("linear", wrong), { instanceOf: INITIALIZE });
    t.is(error?.minor, MINOR.priorityRangeTooNarrow);
  }
});

test("a mapping of the program's own stands in for the ORB's; what it cannot map is DATA_CONVERSION minor OMG 2", (t) => {
  const manager = new PriorityMappingManager(new LinearMapping());
  manager.mapping = {
    to_native: (p) => (p === 7 ? 40 : undefined),
    to_CORBA: (n) => (n === 40 ? 7 : undefined),
  };
  t.is(manager._native(7), 40);
  t.is(manager._priority(40), 7);
  for (const call of [() => manager._native(8), () => manager._priority(41)]) {
    const error = t.throws(call, { instanceOf: DATA_CONVERSION });
    t.is(error?.minor, MINOR.priorityMappingFailed);
  }
});

test("priorities are 0 to 32767, or BAD_PARAM that says of what", (t) => {
  t.is(checkPriority(32_767, "lane_priority"), 32_767);
  for (const wrong of [-1, 32_768, 0.5, NaN]) {
    t.throws(() => checkPriority(wrong, "lane_priority"), {
      instanceOf: BAD_PARAM,
      message: /lane_priority/,
    });
  }
});

function current(): RTCurrent {
  return new RTCurrent(new PriorityMappingManager(new LinearMapping()));
}

test("RTCurrent: INITIALIZE where never set, BAD_PARAM outside the range, DATA_CONVERSION for what is not mapped", (t) => {
  const manager = new PriorityMappingManager(new DirectMapping({ min: 1, max: 48 }));
  const rt = new RTCurrent(manager);
  t.throws(() => rt.the_priority, { instanceOf: INITIALIZE });
  t.throws(() => (rt.the_priority = 32_768), { instanceOf: BAD_PARAM });
  t.throws(() => (rt.the_priority = 49), { instanceOf: DATA_CONVERSION });
  t.throws(() => rt.the_priority, { instanceOf: INITIALIZE });
  t.throws(() => rt.withPriority(-1, () => undefined), { instanceOf: BAD_PARAM });
});

test("RTCurrent: each chain of awaits has its own priority, and hands it to what it begins", async (t) => {
  const rt = current();
  rt._enable();
  await turn();
  const seen: number[] = [];
  const chain = async (priority: number): Promise<void> => {
    await Promise.resolve();
    rt.the_priority = priority;
    await Promise.resolve();
    const begun = Promise.resolve().then(() => seen.push(rt.the_priority));
    rt.the_priority = priority + 1;
    await begun;
    seen.push(rt.the_priority);
  };
  await Promise.all([chain(100), chain(200)]);
  t.deepEqual(
    seen.toSorted((a, b) => a - b),
    [100, 101, 200, 201],
  );
  t.throws(() => rt.the_priority, { instanceOf: INITIALIZE });
});

test("RTCurrent: an upcall has its request's priority, behind its awaits where RTCurrent is in use; setting it ends with the upcall", async (t) => {
  const rt = current();
  t.false(rt._isEnabled);
  t.is(
    rt._run({ priority: 300 }, () => rt.the_priority),
    300,
  );
  rt._enable();
  const behind = rt._run({ priority: 400 }, async () => {
    await Promise.resolve();
    return rt.the_priority;
  });
  t.is(await behind, 400);
  rt._run({ priority: 500 }, () => (rt.the_priority = 600));
  t.is(rt._peek(), undefined);
  t.is(await rt.withPriority(700, async () => (await Promise.resolve(), rt.the_priority)), 700);
});

test("rate-monotonic: the faster the more urgent, equal rates equal, apart as far as the range lets them", (t) => {
  t.deepEqual(rateMonotonic({ alarm: 250, video: 25, log: 1, lamp: 25 }), {
    alarm: 32_767,
    video: 16_384,
    log: 0,
    lamp: 16_384,
  });
  t.deepEqual(rateMonotonic({ only: 10 }, { min: 5, max: 9 }), { only: 9 });
  t.throws(() => rateMonotonic({ none: 0 }), { instanceOf: RangeError });
  t.throws(() => rateMonotonic({ a: 1, b: 2, c: 3 }, { min: 1, max: 2 }), {
    instanceOf: RangeError,
  });
});

test("rate-monotonic: the order of rates is the order of priorities, whatever the rates", (t) => {
  const rates = fc.dictionary(
    fc.string({ minLength: 1 }),
    fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    { minKeys: 1, maxKeys: 50 },
  );
  fc.assert(
    fc.property(rates, (of) => {
      const priorities = rateMonotonic(of);
      for (const [a, rateA] of Object.entries(of))
        for (const [b, rateB] of Object.entries(of)) {
          const [pa, pb] = [priorities[a] ?? NaN, priorities[b] ?? NaN];
          t.is(Math.sign(pa - pb), Math.sign(rateA - rateB));
          t.true(pa >= 0 && pa <= 32_767);
        }
    }),
    { numRuns: 50 },
  );
});
