import test from "ava";
import fc from "fast-check";
import type { CellRecord, PeerEntry, Service } from "../../../services/overlay/index.ts";
import { Directory } from "../../../services/p3/index.ts";

const KEYS = ["", "1", "2", "11"];
const PEERS = ["a", "b", "c", "d"];
const SERVICES = ["Camera", "Door"];

const servicesArb = fc
  .subarray(SERVICES)
  .map((names) =>
    names.map((name): Service => ({ name, instance: "1", reference: `IOR:${name}` })),
  );
const entryArb = fc.tuple(fc.constantFrom(...PEERS), servicesArb).map(
  ([id, services]): PeerEntry => ({
    ref: { id, address: id },
    role: "superpeer",
    version: 1,
    services,
    attributes: {},
  }),
);
/** A cell that is set or dropped; `kept` says which members of it stay the very entries that were there. */
const stepArb = fc.record({
  key: fc.constantFrom(...KEYS),
  isGone: fc.boolean(),
  kept: fc.subarray(PEERS),
  entries: fc.uniqueArray(entryArb, { selector: ({ ref }) => ref.id, maxLength: 4 }),
});

test("a directory that is changed step by step finds what one that is made at once finds", (t) => {
  fc.assert(
    fc.property(fc.array(stepArb, { maxLength: 30 }), (steps) => {
      const directory = new Directory();
      for (const { key, isGone, kept, entries } of steps) {
        const stay = (directory.get(key)?.members ?? []).filter(({ ref }) => kept.includes(ref.id));
        const ids = new Set(stay.map(({ ref }) => ref.id));
        const members = [...stay, ...entries.filter(({ ref }) => !ids.has(ref.id))];
        const record: CellRecord = { epoch: 1, coordinator: members[0]?.ref.id ?? "", members };
        directory.set(key, isGone || members.length === 0 ? undefined : record);
      }
      const cells = [...directory.cells];
      for (const name of SERVICES)
        t.deepEqual(
          [...directory.cellsWith(name)].toSorted(),
          cells
            .filter(([, { members }]) =>
              members.some(({ services }) => services.some((one) => one.name === name)),
            )
            .map(([key]) => key)
            .toSorted(),
        );
      for (const id of PEERS) {
        const places = cells
          .filter(([, { members }]) => members.some(({ ref }) => ref.id === id))
          .map(([key]) => key);
        const key = directory.cellOf(id);
        t.is(key === undefined, places.length === 0);
        if (key !== undefined) t.true(places.includes(key));
      }
    }),
  );
});
