import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import { openGroupHost } from "../../../services/group-net/index.ts";
import { PlainState } from "../../../services/replication/index.ts";
import { Post } from "./post.ts";

/** Times 50 ms: a group is there after some. */
const MOST_TURNS = 200;
const ADDRESSES = ["a:1", "b:1", "c:1", "d:1"] as const;
const [PRIMARY, , THIRD] = ADDRESSES;

test("of a group's members the primary, or else who comes next, finds out at once, and the others later", async (t) => {
  const post = new Post();
  const clock = new TestClock();
  const hosts = ADDRESSES.map((address) =>
    openGroupHost({ carrier: post.carrier(address), site: address, clock }),
  );
  t.teardown(() => Promise.all(hosts.map((host) => host.close())));
  t.deepEqual(post.patience(PRIMARY), [0, 0, 0, 0], "no group: whoever notices");
  const groups = hosts.map((host) =>
    host.join({
      group: "g",
      entry: { by: "list", addresses: ADDRESSES },
      state: new PlainState(new Map()),
    }),
  );
  for (const { gate } of groups)
    gate.attach(() => ({ kind: "none" }), {
      path: [],
      reference: () => t.fail(),
      profiles: () => [],
    });
  const isThere = (): boolean =>
    groups.every(({ standing: { at } }) => at === "primary" || at === "follower");
  for (let turn = 0; !isThere() && turn < MOST_TURNS; turn++) {
    clock.advanceMs(50);
    await new Promise(setImmediate);
  }
  t.is(groups[0]?.standing.at, "primary");
  t.deepEqual(post.patience(PRIMARY).slice(1), [0, 10, 20]);
  t.deepEqual(post.patience(THIRD).toSpliced(2, 1), [0, 10, 20]);
  t.deepEqual(post.patience("elsewhere:1"), [0, 0, 0, 0]);
});
