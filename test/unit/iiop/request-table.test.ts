import test from "ava";
import fc from "fast-check";
import { RequestTable } from "../../../orb/iiop/index.ts";

/** Ids of which many have the same home, besides neighbours and the ends of the range. */
const ids = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => n * 2),
  fc.integer({ min: 0, max: 40 }).map((n) => (n * 0x144c_bc89) >>> 0),
  fc.constantFrom(0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

const step = fc.record({ what: fc.constantFrom("set", "set", "get", "take"), id: ids });

test("a table holds what a Map would", (t) => {
  const property = fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
    const table = new RequestTable<object>();
    const map = new Map<number, object>();
    for (const { what, id } of steps) {
      if (what === "set") {
        const value = { id };
        table.set(id, value);
        map.set(id, value);
      } else if (what === "get") t.is(table.get(id), map.get(id));
      else {
        t.is(table.take(id), map.get(id));
        map.delete(id);
      }
      t.is(table.size, map.size);
    }
    for (const [id, value] of map) t.is(table.get(id), value);
    const all = table.takeAll();
    t.is(all.length, map.size);
    t.true([...map.values()].every((value) => all.includes(value)));
    t.is(table.size, 0);
    for (const id of map.keys()) t.is(table.get(id), undefined);
  });
  fc.assert(property, { numRuns: 200 });
});

test("entries that come and go leave nothing behind", (t) => {
  const table = new RequestTable<{ id: number }>();
  for (let id = 0; id < 50_000; id += 2) {
    table.set(id >>> 0, { id });
    if (id >= 128) t.is(table.take(id - 128)?.id, id - 128);
  }
  t.is(table.size, 64);
  t.deepEqual(
    table
      .takeAll()
      .map(({ id }) => id)
      .toSorted((a, b) => a - b),
    Array.from({ length: 64 }, (_, n) => 49_872 + n * 2),
  );
});
