import test, { type ExecutionContext } from "ava";
import { Deadline, TestClock } from "../../../orb/base/index.ts";
import type { Arrival, Outcome } from "../../../orb/index.ts";
import { openGroupHost } from "../../../services/group-net/index.ts";
import { type Group, type GroupHost, PlainState } from "../../../services/replication/index.ts";
import { Post } from "./post.ts";

/** Times 25 ms. */
const MOST_TURNS = 400;
/** Longer than a member waits for the others to go on without it. */
const LONG_MS = 2_000;

/** Hosts of one group of these replicas, in memory, by a clock that stands still unless it is told to go on. */
class Hosts {
  readonly clock: TestClock = new TestClock(0, 1_700_000_000_000);
  readonly post: Post = new Post();
  readonly #t: ExecutionContext;
  readonly #hosts: GroupHost[] = [];

  constructor(t: ExecutionContext) {
    this.#t = t;
    t.teardown(async () => {
      const closed = Promise.all(this.#hosts.map((host) => host.close()));
      this.clock.advanceMs(LONG_MS);
      await closed;
    });
  }

  join(address: string, addresses: readonly string[]): Group {
    const { clock } = this;
    const host = openGroupHost({ carrier: this.post.carrier(address), site: address, clock });
    this.#hosts.push(host);
    const by = addresses.includes(address) ? "list" : "contacts";
    const group = host.join({
      group: "g",
      entry: { by, addresses },
      state: new PlainState(new Map()),
      settings: { style: "active" },
    });
    group.gate.attach(() => DONE, {
      path: [],
      reference: () => this.#t.fail(),
      profiles: () => [],
    });
    return group;
  }

  async found<const T extends readonly string[]>(
    ...addresses: T
  ): Promise<{ readonly [K in keyof T]: Group }> {
    const groups = addresses.map((address) => this.join(address, addresses));
    await this.until(() => groups.every((group) => membersOf(group) === addresses.length));
    await this.until(() => groups.every(serves));
    return groups as unknown as { readonly [K in keyof T]: Group };
  }

  /** Lets time pass until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    for (let turn = 0; !isSo() && turn < MOST_TURNS; turn++) {
      this.clock.advanceMs(25);
      await new Promise(setImmediate);
    }
    if (!isSo()) throw new Error("it did not become so");
  }
}

const DONE: Outcome = {
  kind: "reply",
  status: "NO_EXCEPTION",
  body: new Uint8Array(),
  contexts: [],
};

const UPDATE: Arrival = {
  adapter: ["p"],
  objectId: new Uint8Array([1]),
  operation: "add",
  caller: { connectionId: "c", requestId: 1 },
  encoding: { version: 2, littleEndian: true, charSet: 1, wcharSet: 2 },
  contexts: [],
  body: new Uint8Array(),
  priority: 0,
  replyExpected: true,
};

function serves({ standing: { at } }: Group): boolean {
  return at === "primary" || at === "follower";
}

function membersOf({ view }: Group): number {
  return view?.members.length ?? 0;
}

async function update({ gate }: Group): Promise<string> {
  return (await gate.admit(UPDATE, Deadline.never)).kind;
}

test("of two members without a witness either leaves, and the other one takes updates alone, and others in", async (t) => {
  for (const leaver of [0, 1] as const) {
    const hosts = new Hosts(t);
    const groups = await hosts.found("a:1", "b:1");
    const other = groups[1 - leaver] ?? groups[0];
    t.is(await update(other), "reply");
    // No time has to pass for it.
    await groups[leaver].leave();
    await hosts.until(() => other.standing.at === "primary");
    t.is(membersOf(other), 1);
    t.is(await update(other), "reply");
    const third = hosts.join("c:1", [other.self.slice(other.self.indexOf("@") + 1)]);
    await hosts.until(() => serves(third) && membersOf(other) === 2);
    t.is(await update(third), "reply");
  }
});

test("a member that leaves serves no more, also while it waits for the others", async (t) => {
  const hosts = new Hosts(t);
  const [a, b] = await hosts.found("a:1", "b:1");
  hosts.post.lose("a:1");
  const left = b.leave();
  t.is(b.standing.at, "left");
  t.throws(() => b.gate.admit(UPDATE, Deadline.never), { message: /has left its group/ });
  let isOver = false;
  void left.then(() => (isOver = true));
  hosts.clock.advanceMs(500);
  await new Promise(setImmediate);
  t.false(isOver, "the other one may be slow");
  hosts.clock.advanceMs(LONG_MS);
  await left;
  t.is(a.standing.at, "wedged");
});

test("members that leave together do not wait for each other, nor the last one for anybody", async (t) => {
  const hosts = new Hosts(t);
  const groups = await hosts.found("a:1", "b:1", "c:1");
  await Promise.all(groups.map((group) => group.leave()));
  const [alone] = await new Hosts(t).found("d:1");
  await alone.leave();
  t.pass();
});
