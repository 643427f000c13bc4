// Whether a resource is seen to run out, on scripted instants.
import test from "ava";
import fc from "fast-check";
import { type Forecast, Predictor, Trend } from "../../../services/predictor/index.ts";

const RESOURCE = { name: "heap", limit: 1_000 };

/** What a predictor tells of values that are measured every 100 ms. */
function told(
  predictor: Predictor,
  values: readonly number[],
): readonly (Forecast & { readonly at: number })[] {
  return values.flatMap((value, at) => {
    const forecast = predictor.measured(at * 100, value);
    return forecast === undefined ? [] : [{ ...forecast, at }];
  });
}

const levels = (forecasts: readonly Forecast[]): readonly string[] =>
  forecasts.map(({ level }) => level);

/** Numbers that look random, and are the same each time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

test("thresholds: a leak passes the first, the second, and the end", (t) => {
  const leak = Array.from({ length: 101 }, (_, i) => i * 10);
  const all = told(new Predictor(RESOURCE), leak);
  t.deepEqual(
    all.map(({ level, at }) => `${level} ${at}`),
    ["first 60", "second 80", "exhausted 100"],
  );
  t.deepEqual(all[0], {
    resource: "heap",
    level: "first",
    share: 0.6,
    lastsMs: 4_000,
    by: "share",
    at: 60,
  });
});

test("a share that swings about a threshold is told of once; one that falls well beneath it, again", (t) => {
  const predictor = new Predictor(RESOURCE);
  t.deepEqual(levels(told(predictor, [610, 590, 605, 560, 610])), ["first"]);
  t.is(predictor.measured(1_000, 540)?.level, "calm");
  t.is(predictor.measured(1_100, 610)?.level, "first");
});

test("thresholds that are out of order, and limits of nothing, are refused", (t) => {
  t.throws(() => new Predictor(RESOURCE, { first: 0.9, second: 0.8 }), { message: /0.9 and 0.8/ });
  t.throws(() => new Predictor(RESOURCE, { second: 1.1 }), { instanceOf: RangeError });
  t.throws(() => new Predictor({ name: "heap", limit: 0 }), { instanceOf: RangeError });
  t.throws(() => new Trend(4), { instanceOf: RangeError });
});

const ADAPTIVE = { adaptive: { startMs: 2_000, moveMs: 500 } };

test("adaptive: a slow leak is left alone until there is just the time that is needed", (t) => {
  // 2 a look: 100 ms; 1,000 are used up at 50 s.
  const leak = Array.from({ length: 501 }, (_, i) => i * 2);
  const all = told(new Predictor(RESOURCE, { first: 1, second: 1, ...ADAPTIVE }), leak);
  t.deepEqual(
    all.map(({ level, by, at }) => `${level} by ${by} at ${at * 100} ms`),
    ["first by trend at 47500 ms", "second by trend at 49500 ms", "exhausted by share at 50000 ms"],
  );
});

test("adaptive: what is used up at a constant height is nothing to fear", (t) => {
  const random = noise(1);
  const flat = Array.from({ length: 1_000 }, () => 700 + 40 * random());
  t.deepEqual(told(new Predictor(RESOURCE, ADAPTIVE), flat), []);
});

test("the trend of a leak under noise says when it ends, to a tenth", (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 5, noNaN: true }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (rate, seed) => {
        const random = noise(seed);
        const trend = new Trend(60);
        for (let i = 0; i < 60; i++) trend.add(1e12 + i * 100, 100 + rate * i + rate * random());
        const expectedMs = ((1_000 - 100 - rate * 59) / rate) * 100;
        const lastsMs = trend.reachesInMs(1_000, 0.5);
        t.true(
          Math.abs(lastsMs - expectedMs) <= expectedMs / 10 + 100,
          `${lastsMs}, ${expectedMs}`,
        );
      },
    ),
  );
});

test("the unit of a resource, and when it is looked at, change no forecast", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_200 }), { maxLength: 80 }),
      fc.constantFrom(1, 8, 1_024),
      fc.constantFrom(0, 3_600_000, 1e12),
      (values, unit, from) => {
        const plain = new Predictor(RESOURCE, ADAPTIVE);
        const other = new Predictor({ name: "heap", limit: 1_000 * unit }, ADAPTIVE);
        for (const [i, value] of values.entries()) {
          const one = plain.measured(i * 100, value);
          const two = other.measured(from + i * 100, value * unit);
          t.is(one?.level, two?.level);
        }
      },
    ),
  );
});

test("whatever is measured, the window is bounded, and a level is told when it changes and only then", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { maxLength: 200 }),
      (values) => {
        const predictor = new Predictor(RESOURCE, ADAPTIVE);
        const trend = new Trend(10);
        let level = "calm";
        for (const [i, value] of values.entries()) {
          const forecast = predictor.measured(i * 100, value);
          trend.add(i * 100, value);
          if (forecast !== undefined) t.not(forecast.level, level as Forecast["level"]);
          level = forecast?.level ?? level;
          t.is(predictor.level, level as Forecast["level"]);
          if (value >= 1_000) t.is(predictor.level, "exhausted");
          t.true(trend.count <= 10);
        }
      },
    ),
  );
});

test("a clock that goes back begins the trend anew", (t) => {
  const trend = new Trend(10);
  for (let i = 0; i < 10; i++) trend.add(1_000 + i, i);
  t.true(trend.reachesInMs(20, 0.5) < Infinity);
  trend.add(5, 9);
  t.is(trend.count, 1);
  t.is(trend.reachesInMs(20, 0.5), Infinity);
  t.is(trend.reachesInMs(9, 0.5), 0);
});
