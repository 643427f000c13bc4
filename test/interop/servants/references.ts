import {
  Any,
  BAD_PARAM,
  type ObjectReference,
  type ORB,
  type Servant,
  tc,
} from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";

class Top extends Interop.TopSkeleton {
  #label = "";

  override who(): string {
    return "Top";
  }
  override _get_label(): string {
    return this.#label;
  }
  override _set_label(value: string): void {
    this.#label = value;
  }
}

class Left extends Interop.LeftSkeleton {
  #label = "";

  override who(): string {
    return "Left";
  }
  override _get_label(): string {
    return this.#label;
  }
  override _set_label(value: string): void {
    this.#label = value;
  }
  override say_left(): string {
    return "Left.left";
  }
  override itself(): Interop.Left {
    return this._this();
  }
}

function sayRight(name: string, on: Interop.Right.Side): string {
  if (on === "far") throw new Interop.Right.Wrong({ on });
  return `${name}.right`;
}

class Right extends Interop.RightSkeleton {
  #label = "";

  override who(): string {
    return "Right";
  }
  override _get_label(): string {
    return this.#label;
  }
  override _set_label(value: string): void {
    this.#label = value;
  }
  override say_right(on: Interop.Right.Side): string {
    return sayRight("Right", on);
  }
}

class Bottom extends Interop.BottomSkeleton {
  #label = "";

  override who(): string {
    return "Bottom";
  }
  override _get_label(): string {
    return this.#label;
  }
  override _set_label(value: string): void {
    this.#label = value;
  }
  override say_left(): string {
    return "Bottom.left";
  }
  override itself(): Interop.Left {
    return this._this();
  }
  override say_right(on: Interop.Right.Side): string {
    return sayRight("Bottom", on);
  }
  override say_bottom(): string {
    return "Bottom.bottom";
  }
}

class Stranger extends Interop.StrangerSkeleton {
  override who(): string {
    return "Stranger";
  }
}

export class Player extends Interop.PlayerSkeleton {
  override async bounce(other: Interop.Player | null, depth: number): Promise<number> {
    if (depth <= 0) return 0;
    if (other === null) throw new BAD_PARAM("nobody to bounce to");
    return 1 + (await other.bounce(this._this(), depth - 1));
  }
}

/** Hands out an object of each type. */
export class References extends Interop.ReferencesSkeleton {
  readonly #orb: ORB;
  readonly #top: Top = new Top();
  readonly #left: Left = new Left();
  readonly #right: Right = new Right();
  readonly #bottom: Bottom = new Bottom();
  readonly #stranger: Stranger = new Stranger();
  readonly #player: Player = new Player();

  constructor(orb: ORB) {
    super();
    this.#orb = orb;
    const servants: readonly Servant[] = [
      this.#top,
      this.#left,
      this.#right,
      this.#bottom,
      this.#stranger,
      this.#player,
    ];
    for (const servant of servants) orb.rootPOA.activate_object(servant);
  }

  override as_top(): Interop.Top {
    return this.#top._this();
  }
  override as_left(): Interop.Left {
    return this.#left._this();
  }
  override as_right(): Interop.Right {
    return this.#right._this();
  }
  override as_bottom(): Interop.Bottom {
    return this.#bottom._this();
  }
  override as_stranger(): Interop.Stranger {
    return this.#stranger._this();
  }
  override as_object(): ObjectReference {
    return this.#bottom._this();
  }
  override nil_top(): null {
    return null;
  }
  override echo_top(v: Interop.Top | null): Interop.Top | null {
    return v;
  }
  override echo_object(v: ObjectReference | null): ObjectReference | null {
    return v;
  }
  override is_nil(v: ObjectReference | null): boolean {
    return v === null;
  }
  override async is_a(v: ObjectReference | null, id: string): Promise<boolean> {
    return v !== null && (await v._is_a(id));
  }
  override same(a: ObjectReference | null, b: ObjectReference | null): boolean {
    return a !== null && a._is_equivalent(b);
  }
  override reverse_lefts(v: Interop.LeftSeq): Interop.LeftSeq {
    return v.toReversed();
  }
  override echo_holder(v: Interop.Holder): Interop.Holder {
    return v;
  }
  override reference_in_any(v: ObjectReference | null): Any {
    return new Any(tc.Object, v);
  }
  override exchange(): { readonly a: Interop.Top; readonly b: Interop.Left } {
    return { a: this.#bottom._this(), b: this.#left._this() };
  }
  override dead(): Interop.Top {
    const poa = this.#orb.rootPOA;
    const id = poa.activate_object(new Top());
    const reference = poa.id_to_reference(id);
    poa.deactivate_object(id);
    return Interop.Top.uncheckedNarrow(reference);
  }
  override to_string(v: ObjectReference | null): string {
    return this.#orb.object_to_string(v);
  }
  override async from_string(v: string): Promise<ObjectReference | null> {
    return await this.#orb.string_to_object(v);
  }
  override async who_is(v: Interop.Top | null): Promise<string> {
    if (v === null) throw new BAD_PARAM("nobody");
    return await v.who();
  }
  override async call(l: Interop.Listener | null, what: string, times: number): Promise<number> {
    if (l === null) throw new BAD_PARAM("nobody listens");
    let sum = 0;
    for (let step = 1; step <= times; step++) sum += await l.heard(what, step);
    return sum;
  }
  override async poke(l: Interop.Listener | null, n: number): Promise<void> {
    if (l === null) throw new BAD_PARAM("nobody listens");
    await l.poke(n);
  }
  override partner(): Interop.Player {
    return this.#player._this();
  }
}
