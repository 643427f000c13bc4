import test from "ava";
import {
  BAD_PARAM,
  CdrInput,
  CdrOutput,
  Fixed,
  LongDouble,
  MARSHAL,
  type OperationContext,
  ValueBase,
} from "../../../orb/generated.ts";
import {
  Bounds,
  ForwardRequest,
  InvalidValue,
  MemoryTransport,
  NoServant,
  type ORB,
  ORB_init,
  PolicyError,
  UNKNOWN,
  WrongPolicy,
} from "../../../orb/index.ts";
import * as Whole from "./golden/Whole.ts";

class Circle extends Whole.Shape {
  radius: number = 1;
  get area(): number {
    return Math.PI * this.radius ** 2;
  }
  grow(by: number): void {
    this.radius *= by;
  }
  draw(where: string): void {
    if (where === "") throw new Whole.Bad({ at: 0 });
  }
}

class Board extends Whole.BoardSkeleton {
  size: number = 1;
  context: OperationContext = {};

  draw(where: string): void {
    if (where === "nowhere") throw new Whole.Bad({ at: 7 });
  }
  _get_size(): number {
    return this.size;
  }
  _set_size(value: number): void {
    if (value < 0) throw new Whole.Bad({ at: value });
    this.size = value;
  }
  reversed(list: Whole.Node | null): Whole.Node | null {
    let last: Whole.Node | null = null;
    for (let at = list; at !== null; ) {
      const { next } = at;
      at.next = last;
      last = at;
      at = next;
    }
    return last;
  }
  echo(t: Whole.Text | null): Whole.Text | null {
    return t;
  }
  either(one: Whole.Drawn | null): Whole.Drawn | null {
    return one ?? this._this();
  }
  pay(amount: Fixed, factor: LongDouble, ctx: OperationContext): Fixed {
    this.context = ctx;
    return Fixed.parse((amount.toNumber() * factor.toNumber()).toFixed(2));
  }
  sorted(
    all: Whole.Places,
    p: Whole.Packed,
    q: Whole.Packed64,
    _s: Whole.Sparse,
    h: Whole.Home,
  ): { readonly result: Whole.Places; readonly h: Whole.Home } {
    const entries = [...all].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { result: new Map(entries), h: { ...h, level: p.delta, street: String(q.stamp) } };
  }
  same(s: Whole.Shape | null): Whole.Shape | null {
    return s;
  }
  anything(v: ValueBase | null): ValueBase | null {
    return v;
  }
  fail(which: number): void {
    const all = [
      new PolicyError({ reason: 3 }, "said here"),
      new Bounds("said here"),
      new ForwardRequest({ forward_reference: this._this() }),
      new NoServant("said here"),
      new InvalidValue("said here"),
      new WrongPolicy("not in the list"),
    ];
    throw all[which] ?? new TypeError("no such exception");
  }
}

/** A board behind a reference of another ORB. */
async function opened(): Promise<{ orbs: readonly ORB[]; servant: Board; board: Whole.Board }> {
  const transport = new MemoryTransport();
  const server = await ORB_init([], { transport });
  const client = await ORB_init([], { transport });
  const servant = new Board();
  const local = await server.rootPOA.activate(servant);
  server.rootPOA.the_POAManager.activate();
  const remote = await client.string_to_object(server.object_to_string(local));
  for (const orb of [server, client]) {
    orb.registerValue(Whole.Shape.descriptor, () => new Circle());
    orb.registerValue(Whole.Leaf.descriptor);
  }
  return {
    orbs: [client, server],
    servant,
    board: Whole.Board.uncheckedNarrow(remote) as Whole.Board,
  };
}

async function close(orbs: readonly ORB[]): Promise<void> {
  for (const orb of orbs) await orb.destroy();
}

test("values travel as graphs: long lists, circles, derived types, null", async (t) => {
  const { orbs, board } = await opened();
  let list: Whole.Node | null = null;
  for (let n = 0; n < 20_000; n++) list = new Whole.Node({ n, next: list });
  let [count, at] = [0, await board.reversed(list)];
  for (; at !== null; at = at.next) t.true(at.n === count++ || t.is(at.n, count));
  t.is(count, 20_000);
  const leaf = new Whole.Leaf({ n: 1, price: Fixed.parse("1.25"), held: Whole.Rights.admin });
  leaf.next = leaf;
  const back = await board.anything(leaf);
  t.true(back instanceof Whole.Leaf && back.next === back);
  t.true(back instanceof Whole.Node);
  t.false(back instanceof Whole.Shape);
  t.is(String((back as Whole.Leaf).price), "1.25");
  t.is(await board.reversed(null), null);
  t.is(await board.echo(null), null);
  t.is(await board.echo("boxed"), "boxed");
  await close(orbs);
});

test("an instance of a generated class is one of its base, one of a user's class is that class's alone", (t) => {
  const leaf: unknown = new Whole.Leaf();
  t.true(leaf instanceof Whole.Node);
  t.true(leaf instanceof ValueBase);
  t.false(leaf instanceof Whole.Disc);
  t.false(new Whole.Node() instanceof Whole.Leaf);
  class Mine extends Whole.Node {}
  t.false(leaf instanceof Mine);
  t.true(new Mine() instanceof Whole.Node);
});

test("a value with operations is made by the user's class, and passes for the abstract interface it supports", async (t) => {
  const { orbs, board } = await opened();
  const circle = new Circle({ filled: "green", at: { height: 2, level: 3, note: "n", small: -4 } });
  const back = await board.same(circle);
  t.true(back instanceof Circle);
  t.is(back?.filled, "green");
  t.deepEqual(back?.at, { height: 2, level: 3, note: "n", small: -4 });
  const drawn = await board.either(circle);
  t.true(drawn instanceof Circle);
  t.throws(() => drawn?.draw(""), { instanceOf: Whole.Bad });
  const self = await board.either(null);
  t.true(self instanceof Whole.DrawnStub);
  await t.throwsAsync(Promise.resolve(self?.draw("nowhere")), { instanceOf: Whole.Bad });
  await close(orbs);
});

test("fixed, long double, contexts, maps, bits, and attributes that raise", async (t) => {
  const { orbs, servant, board } = await opened();
  const context = { user: "ana", "app.name": "x", other: "not asked for" };
  const paid = await board.pay(Whole.CAP, LongDouble.fromNumber(2), context);
  t.is(String(paid), "199.90");
  t.deepEqual(servant.context, { user: "ana", "app.name": "x" });
  const place = { height: 1.5, level: 2, note: "", small: -3 };
  const packed = { kind: 5, on: true, delta: -512 };
  const { result, h } = await board.sorted(
    new Map([
      ["b", place],
      ["a", place],
    ]),
    packed,
    { ...packed, stamp: (1n << 40n) - 1n },
    "seven",
    { ...place, street: "" },
  );
  t.deepEqual([...result.keys()], ["a", "b"]);
  t.deepEqual(h, { ...place, level: -512, street: String((1n << 40n) - 1n) });
  await board._set_size(9);
  t.is(await board._get_size(), 9);
  const bad = await t.throwsAsync(board._set_size(-3), { instanceOf: Whole.Bad });
  t.is(bad?.at, -3);
  await close(orbs);
});

test("exceptions that the ORB has itself travel as all others, and arrive as the ORB's classes", async (t) => {
  const { orbs, board } = await opened();
  const policy = await t.throwsAsync(board.fail(0), { instanceOf: PolicyError });
  t.is(policy?.reason, 3);
  await t.throwsAsync(board.fail(1), { instanceOf: Bounds });
  const forward = await t.throwsAsync(board.fail(2), { instanceOf: ForwardRequest });
  t.true(forward?.forward_reference?._is_equivalent(board));
  await t.throwsAsync(board.fail(3), {
    instanceOf: NoServant,
    message: "PortableServer::POA::NoServant",
  });
  await t.throwsAsync(board.fail(4), { instanceOf: InvalidValue });
  await t.throwsAsync(board.fail(5), { instanceOf: UNKNOWN });
  await close(orbs);
});

test("enumerators with @value travel by their numbers", (t) => {
  const octets = new CdrOutput({ littleEndian: false });
  Whole.writeSparse(octets, "seven");
  t.deepEqual([...octets.finish()], [0, 0, 0, 7]);
  t.is(Whole.readSparse(new CdrInput(octets.finish(), { littleEndian: false })), "seven");
  t.throws(() => Whole.writeSparse(octets, "eight" as Whole.Sparse), { instanceOf: BAD_PARAM });
  const unknown = new CdrInput(new Uint8Array([0, 0, 0, 1]), { littleEndian: false });
  t.throws(() => Whole.readSparse(unknown), { instanceOf: MARSHAL });
});

test("constants and defaults", (t) => {
  t.is(String(Whole.RATE), "12.5");
  t.is(Whole.TINY.toNumber(), 0.5);
  t.deepEqual({ ...Whole.Rights }, { read: 1, write: 2, admin: 64 });
  t.is(String(Whole.Wide.far), String(1n << 40n));
  t.is(new Circle().at.level, 5);
});
