import test from "ava";
import { GROUP_DEFAULTS, type Style } from "../../../services/group/index.ts";
import { rehearse } from "../../../services/group-net/index.ts";

const STYLES: readonly Style[] = ["active", "semi-active", "warm-passive", "cold-passive"];

for (const style of STYLES)
  test(`a group of three goes on without its primary in memory: ${style}`, (t) => {
    t.notThrows(() => rehearse({ settings: { ...GROUP_DEFAULTS, style }, rounds: 3 }));
  });

test("a deferred group, and one that acknowledges by all, too", (t) => {
  const deferred = { ...GROUP_DEFAULTS, style: "warm-passive", isDeferred: true } as const;
  t.notThrows(() => rehearse({ settings: deferred, rounds: 2 }));
  t.notThrows(() => rehearse({ settings: { ...GROUP_DEFAULTS, ack: "all" }, rounds: 2 }));
});

test("what is not followed is told", (t) => {
  const settings = { ...GROUP_DEFAULTS, queueCount: 1 };
  t.throws(() => rehearse({ settings, rounds: 1 }), { message: /came to \d+ of 20 operations/ });
});
