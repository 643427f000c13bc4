import test from "ava";
import fc from "fast-check";

import { type Binding, BindingTable } from "../../../services/naming/index.ts";

const binding = (id: string, kind: string, ior: string): Binding => ({
  component: { id, kind },
  target: { type: "object", ior },
});

test("a table behaves like a map, and those before it stay as they were", (t) => {
  const part = fc.constantFrom("", "a", "b", "ab", "1:");
  const step = fc.tuple(fc.boolean(), part, part, fc.constantFrom("1", "2"));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const model = new Map<string, Binding>();
      let table = BindingTable.empty;
      for (const [isAdded, id, kind, ior] of steps) {
        const before = table;
        const all = [...before.values()];
        const one = binding(id, kind, ior);
        const key = JSON.stringify([id, kind]);
        table = isAdded ? table.with(one) : table.without(one.component);
        if (isAdded) model.set(key, one);
        else t.is(model.delete(key), table !== before);
        t.deepEqual([...before.values()], all);
        t.is(table.get(one.component), model.get(key));
        t.is(table.size, model.size);
      }
      t.deepEqual(new Set(table.values()), new Set(model.values()));
    }),
  );
});

test("a table with many bindings finds each of them, and few keep their order", (t) => {
  const many = Array.from({ length: 10_000 }, (_, n) => binding(`n${n}`, "k", `${n}`));
  const table = BindingTable.of(many);
  t.is(table.size, many.length);
  t.true(many.every((one) => table.get(one.component) === one));
  t.is(new Set(table.values()).size, many.length);
  const less = many.reduce((rest, one) => rest.without(one.component), table);
  t.is(less.size, 0);
  t.deepEqual([...BindingTable.of(many.slice(0, 100)).values()], many.slice(0, 100));
});
