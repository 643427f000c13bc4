import test from "ava";

import { TestClock } from "../../../orb/base/index.ts";
import { type Binding, Listings } from "../../../services/naming/index.ts";

const bindings = (count: number): Binding[] =>
  Array.from({ length: count }, (_, n) => ({
    component: { id: `${n}`, kind: "" },
    target: { type: "object", ior: "IOR:" },
  }));

const ids = (part: readonly Binding[] | undefined): string[] | undefined =>
  part?.map((binding) => binding.component.id);

test("a listing is read in parts to its end, and stays at the end", (t) => {
  const listings = new Listings({ clock: new TestClock() });
  const id = listings.open(bindings(3));
  t.deepEqual(ids(listings.next(id, 2)), ["0", "1"]);
  t.deepEqual(ids(listings.next(id, 2)), ["2"]);
  t.deepEqual(ids(listings.next(id, 2)), []);
  t.true(listings.close(id));
  t.is(listings.next(id, 1), undefined);
  t.false(listings.close(id));
});

test("a listing nobody asks is closed after the idle time, one that is asked is not", (t) => {
  const clock = new TestClock();
  const closed: string[] = [];
  const listings = new Listings({ clock, idleMs: 1_000, onClosed: (id) => closed.push(id) });
  const forgotten = listings.open(bindings(9));
  const used = listings.open(bindings(9));
  clock.advanceMs(900);
  listings.next(used, 1);
  clock.advanceMs(101);
  t.deepEqual(closed, [forgotten]);
  t.deepEqual(ids(listings.next(used, 1)), ["1"]);
  clock.advanceMs(999);
  t.is(listings.size, 1);
  clock.advanceMs(2);
  t.deepEqual(closed, [forgotten, used]);
  t.is(clock.pendingCount, 0);
});

test("one listing too many closes the one that was asked longest ago", (t) => {
  const listings = new Listings({ clock: new TestClock(), most: 2 });
  const first = listings.open(bindings(1));
  const second = listings.open(bindings(1));
  listings.next(first, 0);
  const third = listings.open(bindings(1));
  t.is(listings.next(second, 1), undefined);
  t.deepEqual(ids(listings.next(first, 1)), ["0"]);
  t.deepEqual(ids(listings.next(third, 1)), ["0"]);
});

test("closing all leaves no timer behind", (t) => {
  const clock = new TestClock();
  const listings = new Listings({ clock });
  listings.open(bindings(1));
  listings.open(bindings(1));
  listings.closeAll();
  t.is(listings.size, 0);
  t.is(clock.pendingCount, 0);
});
