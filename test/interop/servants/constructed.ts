import { rebuiltAny } from "../../support/rebuild.ts";
import { Any, tc, type TypeCode } from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import {
  chain,
  nestedAny,
  nestingOf,
  sameAny,
  sampleAny,
  samplePadded,
  typeCodeNamed,
} from "../samples.ts";

const NEXT = { red: "green", green: "blue", blue: "red" } as const;

export class Constructed extends Interop.ConstructedSkeleton {
  override next_colour(v: Interop.Colour): Interop.Colour {
    return NEXT[v];
  }
  override mirror({ x, y }: Interop.Point): Interop.Point {
    return { x: y, y: x };
  }
  override reverse_points(v: Interop.PointSeq): Interop.PointSeq {
    return v.toReversed();
  }
  override flip_padded(v: Interop.Padded): Interop.Padded {
    return {
      ...v,
      a: ~v.a & 0xff,
      c: !v.c,
      d: ~v.d,
      f: ~v.f,
      g: ~v.g & 0xff,
      h: ~v.h >>> 0,
      i: ~v.i & 0xff,
      k: ~v.k & 0xffff,
      l: BigInt.asUintN(64, ~v.l),
      m: ~v.m & 0xff,
    };
  }
  override reverse_padded(v: Interop.PaddedSeq): Interop.PaddedSeq {
    return v.toReversed();
  }
  override swap_outer(v: Interop.Outer): Interop.Outer {
    return { ...v, first: v.second, second: v.first };
  }
  override outer_inout(
    v: Interop.Outer,
  ): Awaited<ReturnType<Interop.ConstructedServant["outer_inout"]>> {
    return { v: { ...v, second: v.first }, second: v.second, where: v.where };
  }
  override echo_node(v: Interop.Node): Interop.Node {
    return v;
  }
  override node_depth(v: Interop.Node): number {
    return 1 + Math.max(0, ...v.children.map((child) => this.node_depth(child)));
  }
  override make_chain(depth: number): Interop.Node {
    return chain(depth);
  }
  override echo_tree(v: Interop.Tree): Interop.Tree {
    return v;
  }
  override transpose(v: Interop.Grid): Interop.Grid {
    return v.toReversed();
  }
  override echo_cube(v: Interop.Cube): Interop.Cube {
    return v;
  }
  override flip_digest(v: Uint8Array): Uint8Array {
    return v.map((octet) => ~octet);
  }
  override reverse_words(v: Interop.Words): Interop.Words {
    return v.toReversed();
  }
  override reverse_triangle(v: Interop.Triangle): Interop.Triangle {
    return v.toReversed();
  }
  override swap_shorts(v: Interop.ShortsByTwo): Interop.ShortsByTwo {
    return v.toReversed();
  }
  override reverse_digests(v: Interop.DigestSeq): Interop.DigestSeq {
    return v.toReversed();
  }
  override negate_flags(v: Interop.Flags): Interop.Flags {
    return v.map((flag) => !flag);
  }
  override reverse_letters(v: Interop.Letters): Interop.Letters {
    return v.toReversed();
  }
  override echo_palette(v: Interop.Palette): Interop.Palette {
    return v;
  }
  override arrays_inout(
    g: Interop.Grid,
    w: Interop.Words,
  ): Awaited<ReturnType<Interop.ConstructedServant["arrays_inout"]>> {
    return {
      g: g.toReversed(),
      d: Uint8Array.from({ length: 16 }, (_, i) => i),
      w: w.toReversed(),
    };
  }
}

export class Unions extends Interop.UnionsSkeleton {
  override echo_by_short(v: Interop.ByShort): Interop.ByShort {
    return v;
  }
  override echo_by_unsigned_short(v: Interop.ByUnsignedShort): Interop.ByUnsignedShort {
    return v;
  }
  override echo_by_long(v: Interop.ByLong): Interop.ByLong {
    return v;
  }
  override echo_by_unsigned_long(v: Interop.ByUnsignedLong): Interop.ByUnsignedLong {
    return v;
  }
  override echo_by_long_long(v: Interop.ByLongLong): Interop.ByLongLong {
    return v;
  }
  override echo_by_unsigned_long_long(v: Interop.ByUnsignedLongLong): Interop.ByUnsignedLongLong {
    return v;
  }
  override echo_by_char(v: Interop.ByChar): Interop.ByChar {
    return v;
  }
  override echo_by_boolean(v: Interop.ByBoolean): Interop.ByBoolean {
    return v;
  }
  override echo_only_true(v: Interop.OnlyTrue): Interop.OnlyTrue {
    return v;
  }
  override echo_by_colour(v: Interop.ByColour): Interop.ByColour {
    return v;
  }
  override echo_colour_or_else(v: Interop.ColourOrElse): Interop.ColourOrElse {
    return v;
  }
  override echo_only_blue(v: Interop.OnlyBlue): Interop.OnlyBlue {
    return v;
  }
  override echo_by_inline_enum(v: Interop.ByInlineEnum): Interop.ByInlineEnum {
    return v;
  }
  override echo_document(v: Interop.Document): Interop.Document {
    return v;
  }
  override reverse_by_shorts(v: Interop.ByShortSeq): Interop.ByShortSeq {
    return v.toReversed();
  }
  override describe(v: Interop.ByBoolean): string {
    return v.$d ? `TRUE yes=${v.yes}` : `FALSE no=${v.no}`;
  }
  override change(v: Interop.ByBoolean): {
    readonly v: Interop.ByBoolean;
    readonly other: Interop.ByColour;
  } {
    const other = { $d: "blue", b: samplePadded() } as const;
    return v.$d
      ? { v: { $d: false, no: v.yes.length }, other }
      : { v: { $d: true, yes: "x" }, other };
  }
}

export class Dynamic extends Interop.DynamicSkeleton {
  override echo_any(v: Any): Any {
    return v;
  }
  override rebuild(v: Any): Any {
    return rebuiltAny(v);
  }
  override type_of(v: Any): TypeCode {
    return v.type;
  }
  override make(kind: string): Any {
    return sampleAny(kind);
  }
  override check(kind: string, v: Any): boolean {
    return sameAny(sampleAny(kind), v);
  }
  override reverse_anys(v: Interop.AnySeq): Interop.AnySeq {
    return v.toReversed();
  }
  override any_inout(v: Any): { readonly v: Any; readonly was: Any } {
    return { v: new Any(tc.TypeCode, v.type), was: v };
  }
  override nest(depth: number): Any {
    return nestedAny(depth);
  }
  override nesting(v: Any): number {
    return nestingOf(v);
  }
  override echo_typecode(v: TypeCode): TypeCode {
    return v;
  }
  override typecode_named(name: string): TypeCode {
    return typeCodeNamed(name);
  }
  override same_typecode(name: string, v: TypeCode): boolean {
    return typeCodeNamed(name).equal(v);
  }
}
