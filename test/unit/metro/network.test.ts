import test from "ava";
import { PLANS, stationsOf } from "../../../examples/metro/network.ts";

test("five lines, seventy stations, two hundred sensors, each code once", (t) => {
  t.deepEqual([...new Set(PLANS.map(({ home }) => home))].toSorted(), ["A", "B", "C", "D", "E"]);
  t.is(new Set(PLANS.map(({ code }) => code)).size, 70);
  t.is(
    PLANS.reduce((sum, { sensors }) => sum + sensors.length, 0),
    200,
  );
  for (const { code, home, lines } of PLANS) {
    t.regex(code, /^[a-z0-9]{1,13}$/);
    t.true(lines.includes(home), code);
  }
});

test("the stations of all lines are all stations, the busiest first", (t) => {
  const all = ["A", "B", "C", "D", "E"].flatMap((line) => stationsOf(line));
  t.is(all.length, PLANS.length);
  t.deepEqual(
    stationsOf("A", 2).map(({ code }) => code),
    ["trindade", "bolhao"],
  );
});
