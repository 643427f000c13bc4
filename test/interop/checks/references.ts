import { OBJECT_NOT_EXIST } from "../../../orb/index.ts";
import type { Any, ObjectReference } from "../../../orb/index.ts";
import { iiopProfilesOf, iorFromString } from "../../../orb/ior/index.ts";
import * as Interop from "../gen/Interop.ts";
import { Player, References } from "../servants/references.ts";
import {
  type Checks,
  expect,
  expectSame,
  expectThrow,
  given,
  type Peer,
  withoutType,
} from "./check.ts";

const TOP = "IDL:test.orbweaver/Interop/Top:1.0";
const LEFT = "IDL:test.orbweaver/Interop/Left:1.0";
const RIGHT = "IDL:test.orbweaver/Interop/Right:1.0";
const BOTTOM = "IDL:test.orbweaver/Interop/Bottom:2.3";
const STRANGER = "IDL:elsewhere.example/Some/Stranger:1.0";
const OBJECT = "IDL:omg.org/CORBA/Object:1.0";

const references = async (peer: Peer): Promise<Interop.References> =>
  given(await peer.root._get_of_references());

/** corbaloc of another key at the place of the Root. */
function beside(peer: Peer, key: string): string {
  const [profile] = iiopProfilesOf(iorFromString(peer.orb.object_to_string(peer.root)));
  if (profile === undefined) throw new RangeError("the Root has no IIOP profile");
  return `corbaloc:iiop:1.${profile.minor}@${profile.host}:${profile.port}/${key}`;
}

async function nobody(peer: Peer, key: string): Promise<ObjectReference> {
  return given(await peer.orb.string_to_object(beside(peer, key)));
}

export const referenceChecks: Checks = {
  "references.is_a": async (peer) => {
    const object = await references(peer);
    const bottom = await withoutType(peer, given(await object.as_object()));
    for (const id of [TOP, LEFT, RIGHT, BOTTOM, OBJECT])
      expect(await bottom._is_a(id), `Bottom is a ${id}`);
    for (const id of [
      STRANGER,
      "IDL:test.orbweaver/Interop/Bottom:1.0",
      "IDL:Interop/Top:1.0",
      "x",
    ])
      expect(!(await bottom._is_a(id)), `Bottom is no ${id}`);
    const left = await withoutType(peer, given(await object.as_left()));
    expect((await left._is_a(TOP)) && (await left._is_a(LEFT)), "Left is a Top and a Left");
    expect(!(await left._is_a(RIGHT)) && !(await left._is_a(BOTTOM)), "Left is neither of these");
  },
  "references.narrow": async (peer) => {
    const object = await references(peer);
    const bottom = await withoutType(peer, given(await object.as_object()));
    expectSame(await given(await Interop.Right.narrow(bottom)).who(), "Bottom", "who");
    expectSame(await Interop.Stranger.narrow(bottom), null, "no Stranger");
    expectSame(await Interop.Right.narrow(null), null, "nil");
  },
  "references.inherited": async (peer) => {
    const bottom = given(await (await references(peer)).as_bottom());
    expectSame(await bottom.say_left(), "Bottom.left", "of Left");
    expectSame(await bottom.say_right("near"), "Bottom.right", "of Right");
    const far = (): Promise<string> => bottom.say_right("far");
    expectSame((await expectThrow(Interop.Right.Wrong, far, "far")).on, "far", "what was wrong");
    expectSame(await bottom.say_bottom(), "Bottom.bottom", "its own");
    await bottom._set_label("bottom's");
    expectSame(await bottom._get_label(), "bottom's", "attribute of Top");
    expectSame(await given(await bottom.itself()).who(), "Bottom", "who");
  },
  "references.each_type": async (peer) => {
    const object = await references(peer);
    expectSame(await given(await object.as_top()).who(), "Top", "who");
    expectSame(await given(await object.as_left()).who(), "Left", "who");
    expectSame(await given(await object.as_right()).who(), "Right", "who");
    expectSame(await given(await object.as_stranger()).who(), "Stranger", "who");
  },
  "references.nil": async (peer) => {
    const object = await references(peer);
    const nils = [
      await object.nil_top(),
      await object.echo_top(null),
      await object.echo_object(null),
    ];
    expectSame(nils, [null, null, null], "nil");
    expect(await object.is_nil(null), "nil for the server");
    expect(!(await object.is_nil(object)), "not nil for the server");
  },
  "references.echo": async (peer) => {
    const object = await references(peer);
    const right = await object.as_right();
    expectSame(await given(await object.echo_top(right)).who(), "Right", "who");
    expect(given(await object.echo_object(right))._is_equivalent(right), "the same came back");
  },
  "references.same": async (peer) => {
    const object = await references(peer);
    const [top, left] = [await object.as_top(), await object.as_left()];
    expect(await object.same(top, top), "the same");
    expect(!(await object.same(top, left)), "others");
  },
  "references.reverse_lefts": async (peer) => {
    const object = await references(peer);
    const v = [await object.as_left(), null, await object.as_bottom()];
    const [first, second, third] = await object.reverse_lefts(v);
    expectSame(await given(first ?? null).who(), "Bottom", "first");
    expectSame(second, null, "nil in the middle");
    expectSame(await given(third ?? null).who(), "Left", "last");
  },
  "references.echo_holder": async (peer) => {
    const object = await references(peer);
    const held = await object.as_bottom();
    const r = await object.echo_holder({ name: "holder", held, anything: null });
    expectSame(await given(r.held).say_left(), "Bottom.left", "held");
    expectSame([r.name, r.anything], ["holder", null], "name and nil");
  },
  "references.reference_in_any": async (peer) => {
    const object = await references(peer);
    const { value }: Any = await object.reference_in_any(await object.as_left());
    const left = await Interop.Left.narrow(value as ObjectReference | null);
    expectSame(await given(left).who(), "Left", "who");
  },
  "references.exchange": async (peer) => {
    const object = await references(peer);
    const { a, b } = await object.exchange(await object.as_top());
    expectSame([await given(a).who(), await given(b).who()], ["Bottom", "Left"], "who");
  },
  "references.to_string": async (peer) => {
    const object = await references(peer);
    const text = await object.to_string(await object.as_left());
    const left = await Interop.Left.narrow(await peer.orb.string_to_object(text));
    expectSame(await given(left).who(), "Left", "who");
  },
  "references.from_string": async (peer) => {
    const object = await references(peer);
    const text = peer.orb.object_to_string(await object.as_left());
    const left = await Interop.Left.narrow(await object.from_string(text));
    expectSame(await given(left).who(), "Left", "who");
  },
  "references.non_existent.live": async (peer) => {
    const top = given(await (await references(peer)).as_top());
    expect(!(await top._non_existent()), "it exists");
  },
  "references.non_existent.dead": async (peer) => {
    const dead = given(await (await references(peer)).dead());
    expect(await dead._non_existent(), "it does not exist");
  },
  "references.dead.call": async (peer) => {
    const dead = given(await (await references(peer)).dead());
    const e = await expectThrow(OBJECT_NOT_EXIST, () => dead.who(), "a call");
    expectSame(e.completed, "COMPLETED_NO", "completed");
    const untyped = await withoutType(peer, dead);
    await expectThrow(OBJECT_NOT_EXIST, () => untyped._is_a(LEFT), "_is_a");
  },
  "references.unknown_key": async (peer) => {
    for (const key of ["nobody", "interopx", "x", "a/b%20c"]) {
      const reference = await nobody(peer, key);
      await expectThrow(OBJECT_NOT_EXIST, () => reference._is_a(TOP), `_is_a of ${key}`);
      expect(await reference._non_existent(), `${key} exists`);
    }
  },
  "references.corbaloc": async (peer) => {
    const root = await Interop.Root.narrow(await nobody(peer, "interop"));
    const primitives = given(await given(root)._get_of_primitives());
    expectSame(await primitives.flip_long(5), -6, "a call");
  },
  "references.named": async (peer) => {
    expectSame(await peer.root.named("nobody"), null, "nil");
  },

  "references.moved": async (peer) => {
    const moved = given(await Interop.Top.narrow(await peer.root.named("moved")));
    for (let i = 0; i < 3; i++) expectSame(await moved.who(), "Top", "who");
    await moved._set_label("moved");
    expectSame(await moved._get_label(), "moved", "label");
  },

  "locate.here": async (peer) => {
    const bottom = given(await (await references(peer)).as_bottom());
    expect(await bottom._validate_connection(), "it is there");
    expect(await peer.root._validate_connection(), "the Root is there");
  },
  "locate.dead": async (peer) => {
    const dead = given(await (await references(peer)).dead());
    await expectThrow(OBJECT_NOT_EXIST, () => dead._validate_connection(), "a dead object");
  },
  "locate.unknown_key": async (peer) => {
    const reference = await nobody(peer, "nobody");
    await expectThrow(OBJECT_NOT_EXIST, () => reference._validate_connection(), "nobody");
  },
};

/** Hears what it is told. */
class Counter extends Interop.ListenerSkeleton {
  #heard = "";
  #tell: (n: number) => void = () => undefined;
  /** The number of the first poke. */
  readonly poked: Promise<number> = new Promise((resolve) => {
    this.#tell = resolve;
  });

  override heard(what: string, step: number): number {
    this.#heard += what;
    return 10 * step;
  }
  override poke(n: number): void {
    this.#tell(n);
  }
  get text(): string {
    return this.#heard;
  }
}

function listenWith(peer: Peer, counter: Counter): Interop.Listener {
  peer.orb.rootPOA.activate_object(counter);
  return counter._this();
}

export const callbackChecks: Checks = {
  "callbacks.call": async (peer) => {
    const object = await references(peer);
    const counter = new Counter();
    const listener = listenWith(peer, counter);
    expectSame(await object.call(listener, "ab", 3), 60, "sum");
    expectSame(counter.text, "ababab", "heard");
    expectSame(await object.call(listener, "", 0), 0, "sum of none");
  },
  "callbacks.poke": async (peer) => {
    const counter = new Counter();
    await (await references(peer)).poke(listenWith(peer, counter), 77);
    expectSame(await counter.poked, 77, "poked");
  },
  "callbacks.who_is": async (peer) => {
    const mine = new References(peer.orb);
    expectSame(await (await references(peer)).who_is(mine.as_bottom()), "Bottom", "who ours is");
  },
  "callbacks.is_a": async (peer) => {
    const object = await references(peer);
    const bottom = await withoutType(peer, new References(peer.orb).as_bottom());
    expect(await object.is_a(bottom, RIGHT), "the server finds our Bottom to be a Right");
    expect(!(await object.is_a(bottom, STRANGER)), "and to be no Stranger");
  },
  "callbacks.dead": async (peer) => {
    const object = await references(peer);
    const dead = new References(peer.orb).dead();
    await expectThrow(OBJECT_NOT_EXIST, () => object.who_is(dead), "the server's call");
  },
  "callbacks.bounce": async (peer) => {
    const theirs = given(await (await references(peer)).partner());
    const mine = new Player();
    peer.orb.rootPOA.activate_object(mine);
    expectSame(await theirs.bounce(mine._this(), 6), 6, "bounces");
  },
};
