import test from "ava";

import type * as Metro from "../../../examples/metro/gen/Metro.ts";
import { Watchers } from "../../../examples/metro/watchers.ts";

function event(number: number, level: Metro.Traffic): Metro.AlarmEvent {
  const cause: Metro.Reading = { $d: "door", open: true };
  return { number, level, station: "s", sensor: "d", at: 0n, cause, message: "" };
}

/** A listener that is no CORBA object; only what Watchers calls. */
function listener(raised: (what: Metro.AlarmEvent) => Promise<void>): Metro.AlarmListener {
  const over = (): Promise<void> => Promise.resolve();
  return { raised, over } as unknown as Metro.AlarmListener;
}

/** Lets everything that is due happen. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("alarms come in order, one after the other, from the urgency asked for", async (t) => {
  const watchers = new Watchers((line) => t.fail(line));
  const got: number[] = [];
  let running = 0;
  const slow = listener(async ({ number }) => {
    t.is(++running, 1);
    await settled();
    got.push(number);
    running--;
  });
  const watch = watchers.add(slow, "critical");
  const levels = ["critical", "normal", "alarm", "critical"] as const;
  for (const [index, level] of levels.entries()) watchers.tell(event(index, level));
  while (got.length < 3) await settled();
  t.deepEqual(got, [0, 2, 3]);
  watchers.remove(watch);
  watchers.tell(event(9, "alarm"));
  await settled();
  t.deepEqual(got, [0, 2, 3]);
});

test("a listener that fails is dropped, the others go on", async (t) => {
  const lines: string[] = [];
  const watchers = new Watchers((line) => lines.push(line));
  const got: number[] = [];
  watchers.add(
    listener(() => Promise.reject(new TypeError("gone"))),
    "normal",
  );
  watchers.add(
    listener(({ number }) => Promise.resolve(void got.push(number))),
    "normal",
  );
  watchers.tell(event(1, "alarm"));
  watchers.tell(event(2, "alarm"));
  await settled();
  t.deepEqual(lines, ["watcher 1 is dropped: gone"]);
  t.deepEqual(got, [1, 2]);
});

test("a listener that answers too slowly is dropped, nothing grows", async (t) => {
  const lines: string[] = [];
  const watchers = new Watchers((line) => lines.push(line));
  const never = new Promise<void>(() => undefined);
  watchers.add(
    listener(() => never),
    "normal",
  );
  for (let n = 0; n < 2_000; n++) watchers.tell(event(n, "alarm"));
  await settled();
  t.deepEqual(lines, ["watcher 1 is dropped: 1000 alarms wait for it"]);
});
