import { BAD_PARAM } from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import { type Checks, expectSame, expectThrow, given, type Peer } from "./check.ts";

const primitives = async (peer: Peer): Promise<Interop.Primitives> =>
  given(await peer.root._get_of_primitives());

const FLOATS: readonly number[] = [
  0,
  -0,
  1.5,
  2 ** -126,
  2 ** -149,
  3.4028234663852886e38,
  -3.4028234663852886e38,
  2 ** -23,
  Infinity,
  -Infinity,
  Number.NaN,
];
const DOUBLES: readonly number[] = [
  0,
  -0,
  1.5,
  -0.1,
  1e308,
  2 ** -1022,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.EPSILON,
  2 ** 53,
  Infinity,
  -Infinity,
  Number.NaN,
];

type Flip =
  | "flip_octet"
  | "flip_short"
  | "flip_unsigned_short"
  | "flip_long"
  | "flip_unsigned_long";

/** Integers of `bits` bits at their corners come back with each bit turned; others are refused here. */
function flips(operation: Flip, bits: number, isSigned: boolean): (peer: Peer) => Promise<void> {
  const most = 2 ** (isSigned ? bits - 1 : bits) - 1;
  const least = isSigned ? -(2 ** (bits - 1)) : 0;
  return async (peer) => {
    const object = await primitives(peer);
    for (const v of [0, 1, 0x55, least, most, Math.trunc(most / 3)])
      expectSame(await object[operation](v), isSigned ? -v - 1 : most - v, `${operation} of ${v}`);
    for (const v of [least - 1, most + 1, 0.5, Number.NaN])
      await expectThrow(BAD_PARAM, () => object[operation](v), `${operation} of ${v}`);
  };
}

export const basicChecks: Checks = {
  "primitives.ping": async (peer) => {
    await (await primitives(peer)).ping();
  },
  "primitives.constants": async (peer) => {
    const wanted: Interop.ConstantSet = {
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
    expectSame(await (await primitives(peer)).constants(), wanted, "constants");
  },
  "primitives.flip_octet": flips("flip_octet", 8, false),
  "primitives.flip_short": flips("flip_short", 16, true),
  "primitives.flip_unsigned_short": flips("flip_unsigned_short", 16, false),
  "primitives.flip_long": flips("flip_long", 32, true),
  "primitives.flip_unsigned_long": flips("flip_unsigned_long", 32, false),
  "primitives.flip_long_long": async (peer) => {
    const object = await primitives(peer);
    for (const v of [0n, 1n, -1n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n])
      expectSame(await object.flip_long_long(v), -v - 1n, `flip of ${v}`);
    await expectThrow(BAD_PARAM, () => object.flip_long_long(2n ** 63n), "2 ** 63");
  },
  "primitives.flip_unsigned_long_long": async (peer) => {
    const object = await primitives(peer);
    for (const v of [0n, 1n, 2n ** 53n + 1n, 2n ** 64n - 1n])
      expectSame(await object.flip_unsigned_long_long(v), 2n ** 64n - 1n - v, `flip of ${v}`);
    await expectThrow(BAD_PARAM, () => object.flip_unsigned_long_long(-1n), "-1");
  },
  "primitives.negate": async (peer) => {
    const object = await primitives(peer);
    expectSame(await object.negate(false), true, "not FALSE");
    expectSame(await object.negate(true), false, "not TRUE");
  },
  "primitives.echo_float": async (peer) => {
    const object = await primitives(peer);
    for (const v of FLOATS) expectSame(await object.echo_float(v), v, "float");
    expectSame(await object.echo_float(0.1), Math.fround(0.1), "0.1 as a float");
  },
  "primitives.echo_double": async (peer) => {
    const object = await primitives(peer);
    for (const v of DOUBLES) expectSame(await object.echo_double(v), v, "double");
  },
  "primitives.float_bits": async (peer) => {
    const object = await primitives(peer);
    expectSame(await object.float_bits(-0), 0x8000_0000, "-0");
    expectSame(await object.float_bits(1), 0x3f80_0000, "1");
    expectSame(await object.float_bits(Infinity), 0x7f80_0000, "infinity");
    expectSame(await object.float_bits(2 ** -149), 1, "the least denormal");
  },
  "primitives.double_bits": async (peer) => {
    const object = await primitives(peer);
    expectSame(await object.double_bits(-0), 2n ** 63n, "-0");
    expectSame(await object.double_bits(1), 0x3ff0_0000_0000_0000n, "1");
    expectSame(await object.double_bits(-Infinity), 0xfff0_0000_0000_0000n, "-infinity");
    expectSame(await object.double_bits(Number.MIN_VALUE), 1n, "the least denormal");
  },
  "primitives.float_of": async (peer) => {
    const object = await primitives(peer);
    expectSame(await object.float_of(0x8000_0000), -0, "-0");
    expectSame(await object.float_of(0x7f7f_ffff), 3.4028234663852886e38, "the greatest");
    expectSame(await object.float_of(0x7fc0_0000), Number.NaN, "NaN");
  },
  "primitives.double_of": async (peer) => {
    const object = await primitives(peer);
    expectSame(await object.double_of(2n ** 63n), -0, "-0");
    expectSame(await object.double_of(0x7fef_ffff_ffff_ffffn), Number.MAX_VALUE, "the greatest");
    expectSame(await object.double_of(0x7ff8_0000_0000_0000n), Number.NaN, "NaN");
  },
  "primitives.echo_char": async (peer) => {
    const object = await primitives(peer);
    for (let code = 0; code < 128; code++) {
      const c = String.fromCharCode(code);
      expectSame(await object.echo_char(c), c, `char ${code}`);
    }
  },
  "primitives.char_code": async (peer) => {
    const object = await primitives(peer);
    for (const code of [0, 10, 65, 126, 127])
      expectSame(await object.char_code(String.fromCharCode(code)), code, "code");
  },
  "primitives.mixed": async (peer) => {
    const r = await (await primitives(peer)).mixed(-7, 2n ** 40n, false, "f");
    expectSame(r, { result: -7, b: -(2n ** 40n) - 1n, c: -6.5, d: true, e: 102 }, "mixed");
  },
  "primitives.all_inout": async (peer) => {
    const object = await primitives(peer);
    const r = await object.all_inout(0xa5, -3, 4, -5, 6, -7n, 8n, -0.5, 1e-300, "c", true);
    const wanted = { o: 0x5a, s: 2, us: 65531, l: 4, ul: 4_294_967_289, ll: 6n };
    const more = { ull: 2n ** 64n - 9n, f: -0.5, d: 1e-300, c: "c", b: true };
    expectSame(r, { ...wanted, ...more }, "inout");
  },
  "primitives.all_out": async (peer) => {
    const wanted = { o: 255, s: 32767, us: 65535, l: 2_147_483_647, ul: 4_294_967_295 };
    const more = { ll: 2n ** 63n - 1n, ull: 2n ** 64n - 1n, c: "\x7f", b: true };
    const reals = { f: 3.4028234663852886e38, d: Number.MAX_VALUE };
    expectSame(await (await primitives(peer)).all_out(), { ...wanted, ...more, ...reals }, "out");
  },
};
