import test from "ava";
import { type Group, movePrimary } from "../../../services/replication/index.ts";

/** A group as one member sees it. */
function seenBy(self: string, at: string, primary: string): Group {
  const view = { view: { primary, members: ["a", "b"] } };
  return { name: "bank", self, standing: { at }, view } as unknown as Group;
}

const signal: AbortSignal = new AbortController().signal;

test("who cannot give the primary's place away is told who has it, or that this is no moment for it", async (t) => {
  await t.throwsAsync(movePrimary(seenBy("a", "follower", "b"), "a", signal), {
    instanceOf: RangeError,
    message: "a is not the primary of group bank: b is",
  });
  // Between two views the primary is one, and says nothing for the group.
  await t.throwsAsync(movePrimary(seenBy("a", "wedged", "a"), "b", signal), {
    instanceOf: RangeError,
    message: "a, the primary of group bank, is wedged at the moment: try again",
  });
});
