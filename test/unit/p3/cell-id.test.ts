import test from "ava";
import fc from "fast-check";
import * as cells from "../../../services/p3/index.ts";

const cell = fc
  .array(fc.integer({ min: 1, max: cells.LARGEST_SPAN }), { maxLength: cells.LARGEST_DEPTH })
  .map((numbers) => numbers.reduce(cells.childOf, cells.ROOT_CELL));

test("a child's parent is the cell it was made of, one level above", (t) => {
  fc.assert(
    fc.property(cell, fc.integer({ min: 1, max: cells.LARGEST_SPAN }), (id, number) => {
      if (cells.depthOf(id) === cells.LARGEST_DEPTH) {
        t.throws(() => cells.childOf(id, number), { instanceOf: RangeError });
        return;
      }
      const child = cells.childOf(id, number);
      t.is(cells.parentOf(child), id);
      t.is(cells.depthOf(child), cells.depthOf(id) + 1);
      t.is(cells.digitOf(child), number.toString(16));
      t.true(cells.contains(id, child) && cells.contains(child, child));
      t.false(cells.contains(child, id));
    }),
  );
});

test("an id survives being printed in 32 digits", (t) => {
  t.is(cells.printCell("12f"), "12f00000000000000000000000000000");
  fc.assert(
    fc.property(cell, (id) => {
      t.is(cells.printCell(id).length, 32);
      t.is(cells.parseCell(cells.printCell(id)), id);
    }),
  );
});

test("what is no cell's id is refused", (t) => {
  for (const text of ["", "2", "10", "1g", "1 ", `1${"1".repeat(32)}`])
    t.false(cells.isCellId(text), text);
  for (const text of ["1", "f".repeat(32), "0".repeat(32), `101${"0".repeat(29)}`])
    t.is(cells.parseCell(text), undefined, text);
  for (const number of [0, 16, 1.5, Number.NaN])
    t.throws(() => cells.childOf("1", number), { instanceOf: RangeError });
  t.is(cells.parentOf(cells.ROOT_CELL), undefined);
});
