import * as Interop from "../gen/Interop.ts";
import { octets } from "../samples.ts";
import { checkedSize } from "./sizes.ts";

const view = new DataView(new ArrayBuffer(8));

const reversed = <T>(v: readonly T[]): readonly T[] => v.toReversed();

export class Primitives extends Interop.PrimitivesSkeleton {
  override constants(): Interop.ConstantSet {
    return {
      short_least: Interop.SHORT_LEAST,
      unsigned_short_most: Interop.UNSIGNED_SHORT_MOST,
      long_least: Interop.LONG_LEAST,
      unsigned_long_most: Interop.UNSIGNED_LONG_MOST,
      long_long_least: Interop.LONG_LONG_LEAST,
      unsigned_long_long_most: Interop.UNSIGNED_LONG_LONG_MOST,
      mask: Interop.MASK,
      expression: Interop.EXPRESSION,
      quarter: Interop.QUARTER,
      product: Interop.PRODUCT,
      yes: Interop.YES,
      e_acute_code: Interop.E_ACUTE.charCodeAt(0),
      quoted: Interop.QUOTED,
      bound: Interop.BOUND,
      favourite: Interop.FAVOURITE,
      of_interface: Interop.Primitives.OF_INTERFACE,
    };
  }
  override ping(): void {}
  override flip_octet(v: number): number {
    return ~v & 0xff;
  }
  override flip_short(v: number): number {
    return ~v;
  }
  override flip_unsigned_short(v: number): number {
    return ~v & 0xffff;
  }
  override flip_long(v: number): number {
    return ~v;
  }
  override flip_unsigned_long(v: number): number {
    return ~v >>> 0;
  }
  override flip_long_long(v: bigint): bigint {
    return ~v;
  }
  override flip_unsigned_long_long(v: bigint): bigint {
    return BigInt.asUintN(64, ~v);
  }
  override negate(v: boolean): boolean {
    return !v;
  }
  override echo_float(v: number): number {
    return v;
  }
  override echo_double(v: number): number {
    return v;
  }
  override float_bits(v: number): number {
    view.setFloat32(0, v);
    return view.getUint32(0);
  }
  override double_bits(v: number): bigint {
    view.setFloat64(0, v);
    return view.getBigUint64(0);
  }
  override float_of(bits: number): number {
    view.setUint32(0, bits);
    return view.getFloat32(0);
  }
  override double_of(bits: bigint): number {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  }
  override echo_char(v: string): string {
    return v;
  }
  override char_code(v: string): number {
    return v.charCodeAt(0);
  }
  override mixed(
    a: number,
    b: bigint,
    d: boolean,
    f: string,
  ): Awaited<ReturnType<Interop.PrimitivesServant["mixed"]>> {
    return { result: a, b: ~b, c: a + 0.5, d: !d, e: f.charCodeAt(0) };
  }
  override all_inout(
    ...[o, s, us, l, ul, ll, ull, f, d, c, b]: Parameters<Interop.PrimitivesServant["all_inout"]>
  ): Awaited<ReturnType<Interop.PrimitivesServant["all_inout"]>> {
    return {
      o: ~o & 0xff,
      s: ~s,
      us: ~us & 0xffff,
      l: ~l,
      ul: ~ul >>> 0,
      ll: ~ll,
      ull: BigInt.asUintN(64, ~ull),
      f,
      d,
      c,
      b,
    };
  }
  override all_out(): Awaited<ReturnType<Interop.PrimitivesServant["all_out"]>> {
    return {
      o: 255,
      s: 32767,
      us: 65535,
      l: 2_147_483_647,
      ul: 4_294_967_295,
      ll: 2n ** 63n - 1n,
      ull: 2n ** 64n - 1n,
      f: 3.4028234663852886e38,
      d: Number.MAX_VALUE,
      c: "\x7f",
      b: true,
    };
  }
}

export class Texts extends Interop.TextsSkeleton {
  override echo_string(v: string): string {
    return v;
  }
  override string_length(v: string): number {
    return v.length;
  }
  override make_string(n: number, c: string): string {
    return c.repeat(checkedSize(n));
  }
  override echo_short_name(v: string): string {
    return v;
  }
  override turn(v: string): { readonly v: string; readonly upper: string } {
    const turned = v.split("").toReversed().join("");
    return { v: turned, upper: turned.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) };
  }
  override echo_wchar(v: string): string {
    return v;
  }
  override wchar_code(v: string): number {
    return v.charCodeAt(0);
  }
  override echo_wstring(v: string): string {
    return v;
  }
  override wstring_length(v: string): number {
    return v.length;
  }
  override wstring_units(v: string): readonly number[] {
    return Array.from({ length: v.length }, (_, i) => v.charCodeAt(i));
  }
  override make_wstring(units: readonly number[]): string {
    return units.map((unit) => String.fromCharCode(unit)).join("");
  }
  override echo_short_wide(v: string): string {
    return v;
  }
  override swap_wide(a: string, b: string): { readonly a: string; readonly b: string } {
    return { a: b, b: a };
  }
  override reverse_wchars(v: Interop.WcharSeq): Interop.WcharSeq {
    return reversed(v);
  }
  override reverse_wstrings(v: Interop.WstringSeq): Interop.WstringSeq {
    return reversed(v);
  }
}

export class Sequences extends Interop.SequencesSkeleton {
  override echo_octets(v: Uint8Array): Uint8Array {
    return v;
  }
  override make_octets(n: number): Uint8Array {
    return octets(n);
  }
  override sum_octets(v: Uint8Array): bigint {
    return BigInt(v.reduce((sum, octet) => sum + octet, 0));
  }
  override double_octets(v: Uint8Array): { readonly v: Uint8Array; readonly copy: Uint8Array } {
    return { v: Buffer.concat([v, v]), copy: v };
  }
  override echo_short_octets(v: Uint8Array): Uint8Array {
    return v;
  }
  override reverse_booleans(v: Interop.BooleanSeq): Interop.BooleanSeq {
    return reversed(v);
  }
  override reverse_chars(v: Interop.CharSeq): Interop.CharSeq {
    return reversed(v);
  }
  override reverse_shorts(v: Interop.ShortSeq): Interop.ShortSeq {
    return reversed(v);
  }
  override reverse_unsigned_shorts(v: Interop.UnsignedShortSeq): Interop.UnsignedShortSeq {
    return reversed(v);
  }
  override reverse_longs(v: Interop.LongSeq): Interop.LongSeq {
    return reversed(v);
  }
  override reverse_unsigned_longs(v: Interop.UnsignedLongSeq): Interop.UnsignedLongSeq {
    return reversed(v);
  }
  override reverse_long_longs(v: Interop.LongLongSeq): Interop.LongLongSeq {
    return reversed(v);
  }
  override reverse_unsigned_long_longs(
    v: Interop.UnsignedLongLongSeq,
  ): Interop.UnsignedLongLongSeq {
    return reversed(v);
  }
  override reverse_floats(v: Interop.FloatSeq): Interop.FloatSeq {
    return reversed(v);
  }
  override reverse_doubles(v: Interop.DoubleSeq): Interop.DoubleSeq {
    return reversed(v);
  }
  override reverse_strings(v: Interop.StringSeq): Interop.StringSeq {
    return reversed(v);
  }
  override reverse_nested(v: Interop.ShortSeqSeq): Interop.ShortSeqSeq {
    return reversed(v);
  }
  override reverse_colours(v: Interop.ColourSeq): Interop.ColourSeq {
    return reversed(v);
  }
  override reverse_short_list(v: Interop.ShortList): Interop.ShortList {
    return reversed(v);
  }
  override reverse_pair(v: Interop.NamePair): Interop.NamePair {
    return reversed(v);
  }
}
