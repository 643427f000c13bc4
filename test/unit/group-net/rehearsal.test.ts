import test from "ava";
import {
  GROUP_DEFAULTS,
  GroupMember,
  type MemberEvent,
  type Style,
} from "../../../services/group/index.ts";
import { rehearse } from "../../../services/group-net/index.ts";

const STYLES: readonly Style[] = ["active", "semi-active", "warm-passive", "cold-passive"];

for (const style of STYLES)
  test(`a group goes on without its primary in memory: ${style}`, (t) => {
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

test.serial(
  "what is not certain when the primary is lost travels with proposals, and with no promise to who has it",
  (t) => {
    const { prototype } = GroupMember;
    const step = Object.getOwnPropertyDescriptor(prototype, "step");
    const brought = new Set<string>();
    const seen = (event: MemberEvent): void => {
      if (event.kind !== "message") return;
      const { message } = event;
      const isOne = message.kind === "promise" || message.kind === "propose";
      if (isOne && (message.entries?.length ?? 0) > 0) brought.add(message.kind);
    };
    const heard = function (this: GroupMember, event: MemberEvent, nowMs: number): unknown {
      seen(event);
      return Reflect.apply(step?.value as GroupMember["step"], this, [event, nowMs]);
    };
    Object.defineProperty(prototype, "step", { ...step, value: heard });
    try {
      rehearse({ settings: GROUP_DEFAULTS, rounds: 1 });
    } finally {
      if (step !== undefined) Object.defineProperty(prototype, "step", step);
    }
    t.deepEqual([...brought].sort(), ["propose"]);
  },
);
