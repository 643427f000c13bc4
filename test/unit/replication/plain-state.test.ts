import test from "ava";
import { PlainState } from "../../../services/replication/index.ts";

class Account {
  balance = 5n;
  owner: string | undefined = "me";
  readonly days: Date[] = [new Date(7)];
  readonly notes: Map<string, unknown> = new Map([["a", { deep: [1, -0, Infinity, null] }]]);
  readonly seen: Set<number> = new Set([1, 2]);
  photo: Uint8Array = new Uint8Array([1, 2, 3]);
}

test("the state of plain servants survives, in the same maps and arrays", (t) => {
  const here = new Account();
  const there = new Account();
  const { notes } = there;
  here.balance = 9n;
  here.owner = undefined;
  here.notes.set("b", { $: "object" });
  here.seen.delete(1);
  const from = new PlainState(new Map([["account", here]]));
  const to = new PlainState(new Map([["account", there]]));
  to.restore(from.capture());
  t.deepEqual(there, here);
  t.is(there.notes, notes);
  t.deepEqual(to.capture(), from.capture());
});

test("restoring nothing is the state of the beginning", (t) => {
  const account = new Account();
  const state = new PlainState(new Map([["account", account]]));
  account.balance = 0n;
  (account as { extra?: number }).extra = 1;
  state.restore(undefined);
  t.deepEqual(account, new Account());
});

test("equal states have equal octets, in whatever order their fields were set", (t) => {
  const octetsOf = (servant: object): Uint8Array =>
    new PlainState(new Map([["s", servant]])).capture();
  t.deepEqual(octetsOf({ a: 1, b: { c: 2, d: 3 } }), octetsOf({ b: { d: 3, c: 2 }, a: 1 }));
  t.notDeepEqual(octetsOf({ a: 1 }), octetsOf({ a: "1" }));
});

test("what is no plain data is refused by its name", (t) => {
  const wrong = { list: [{ socket: new (class Socket {})() }] };
  t.throws(() => new PlainState(new Map([["s", wrong]])), {
    instanceOf: TypeError,
    message: "s.list[0].socket is a Socket: plain state has no such value",
  });
});
