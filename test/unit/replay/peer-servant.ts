import { Completion, NO_PERMISSION } from "../../../orb/index.ts";
import type { Any, ObjectReference } from "../../../orb/generated.ts";
import * as Anchor from "../../vectors/gen/Anchor.ts";

/** What the recorded servers answered out of their surroundings, not out of the arguments. */
export interface Surroundings {
  readonly who: string;
  /** Priorities of the upcalls of `seen_priority`, in their order. */
  readonly priorities: Iterator<number>;
  /** What `ghost` and `moved` hand out. */
  readonly ghost: Anchor.Peer | Promise<Anchor.Peer>;
  readonly moved: Anchor.Peer | Promise<Anchor.Peer>;
  /** Called by `stop`, which has no reply. */
  readonly onStop: () => void;
}

/** Behaves as the replies of the captures show. */
export class Peer extends Anchor.PeerSkeleton {
  readonly #around: Surroundings;
  #level = 0;
  #fired = 0;

  constructor(around: Surroundings) {
    super();
    this.#around = around;
  }

  override _get_who(): string {
    return this.#around.who;
  }
  override _get_level(): number {
    return this.#level;
  }
  override _set_level(value: number): void {
    this.#level = value;
  }
  override ping(x: bigint): bigint {
    return x;
  }
  override echo(s: string): string {
    return s;
  }
  override wide(w: string): string {
    return w;
  }
  override widechar(c: string): string {
    return c;
  }
  override octets(v: Anchor.OctetSeq): Anchor.OctetSeq {
    return v;
  }
  override doubles(v: Anchor.DoubleSeq): Anchor.DoubleSeq {
    return v;
  }

  override scalars(
    ...[o, s, us, l, ul, ll, ull, f, d, c, b]: Parameters<Anchor.PeerServant["scalars"]>
  ): Awaited<ReturnType<Anchor.PeerServant["scalars"]>> {
    return {
      o: o + 1,
      s: s + 1,
      us: us + 1,
      l: l + 1,
      ul: ul + 1,
      ll: ll + 1n,
      ull: ull + 1n,
      f: -f,
      d: -d,
      c: String.fromCharCode(c.charCodeAt(0) + 1),
      b: !b,
    };
  }

  override record(r: Anchor.Item): Anchor.Item {
    return r;
  }
  override records(v: Anchor.ItemSeq): Anchor.ItemSeq {
    return v;
  }
  override box(a: Any): Any {
    return a;
  }

  override mixed(n: number, text: string): { result: number; text: string; fill: Uint8Array } {
    const turned = Array.from(text).toReversed().join("");
    return { result: text.length, text: turned, fill: Uint8Array.from({ length: n }, (_, i) => i) };
  }

  override refuse(code: number, why: string): void {
    throw new Anchor.Refused({ code, why });
  }
  override breakdown(minor: number): void {
    throw new NO_PERMISSION("as it was asked", minor, Completion.maybe);
  }
  override fire(amount: number): void {
    this.#fired += amount;
  }
  override fired(): number {
    return this.#fired;
  }
  override same(p: Anchor.Peer | null): Anchor.Peer | null {
    return p;
  }
  override plain(o: ObjectReference | null): ObjectReference | null {
    return o;
  }

  override async relay(l: Anchor.Listener | null, times: number): Promise<number> {
    let sum = 0;
    for (let step = 0; step < times; step++) sum += (await l?.heard("relay", step)) ?? 0;
    return sum;
  }

  override ghost(): Anchor.Peer | Promise<Anchor.Peer> {
    return this.#around.ghost;
  }
  override moved(): Anchor.Peer | Promise<Anchor.Peer> {
    return this.#around.moved;
  }
  override graph(n: Anchor.Node | null): Anchor.Node | null {
    return n;
  }

  override seen_priority(): number {
    const { value, done } = this.#around.priorities.next();
    if (done === true) throw new RangeError("seen_priority was called once too often");
    return value as number;
  }

  override stop(): void {
    this.#around.onStop();
  }
}
