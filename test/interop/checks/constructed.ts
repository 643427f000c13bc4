import { BAD_PARAM } from "../../../orb/index.ts";
import type * as Interop from "../gen/Interop.ts";
import { chain, octets, sampleOuter, samplePadded } from "../samples.ts";
import { type Checks, expect, expectSame, expectThrow, given, type Peer } from "./check.ts";

const sequences = async (peer: Peer): Promise<Interop.Sequences> =>
  given(await peer.root._get_of_sequences());
const constructed = async (peer: Peer): Promise<Interop.Constructed> =>
  given(await peer.root._get_of_constructed());

/** The elements come back in reverse order; so do none of them. */
function reverses<T>(
  call: (object: Interop.Sequences, v: readonly T[]) => Promise<readonly T[]>,
  v: readonly T[],
): (peer: Peer) => Promise<void> {
  return async (peer) => {
    const object = await sequences(peer);
    expectSame(await call(object, v), v.toReversed(), "reversed");
    expectSame(await call(object, []), [], "empty");
  };
}

const MEBI = 1 << 20;
const POINTS: readonly Interop.Point[] = [
  { x: 1, y: 2 },
  { x: 3, y: 4 },
  { x: 5, y: 6 },
];
const COLOURS: readonly Interop.Colour[] = ["blue", "blue", "red", "green"];

export const constructedChecks: Checks = {
  "sequences.echo_octets": async (peer) => {
    const object = await sequences(peer);
    for (const n of [0, 1, 3, 1023, 1024, 8160, 8192, 16384, 65537])
      expectSame(await object.echo_octets(octets(n)), octets(n), `${n} octets`);
  },
  "sequences.echo_octets.1m": async (peer) => {
    expectSame(await (await sequences(peer)).echo_octets(octets(MEBI)), octets(MEBI), "1 MiB");
  },
  "sequences.make_octets.1m": async (peer) => {
    expectSame(await (await sequences(peer)).make_octets(MEBI), octets(MEBI), "1 MiB");
  },
  "sequences.sum_octets.1m": async (peer) => {
    const v = octets(MEBI);
    const sum = BigInt(v.reduce((total, octet) => total + octet, 0));
    expectSame(await (await sequences(peer)).sum_octets(v), sum, "sum");
  },
  "sequences.double_octets": async (peer) => {
    const r = await (await sequences(peer)).double_octets(octets(5));
    const v = Uint8Array.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4);
    expectSame(r, { v, copy: octets(5) }, "doubled");
  },
  "sequences.echo_short_octets": async (peer) => {
    const object = await sequences(peer);
    const v = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 255);
    expectSame(await object.echo_short_octets(v), v, "at their bound");
    expectSame(await object.echo_short_octets(octets(0)), octets(0), "none");
    await expectThrow(BAD_PARAM, () => object.echo_short_octets(octets(9)), "beyond the bound");
  },
  "sequences.reverse_booleans": reverses((o, v) => o.reverse_booleans(v), [true, true, false]),
  "sequences.reverse_chars": reverses((o, v) => o.reverse_chars(v), ["\0", "a", "~"]),
  "sequences.reverse_shorts": reverses((o, v) => o.reverse_shorts(v), [-32768, 0, 32767]),
  "sequences.reverse_unsigned_shorts": reverses(
    (o, v) => o.reverse_unsigned_shorts(v),
    [0, 1, 65535],
  ),
  "sequences.reverse_longs": reverses(
    (o, v) => o.reverse_longs(v),
    [-2_147_483_648, 0, 1, 2_147_483_647],
  ),
  "sequences.reverse_unsigned_longs": reverses(
    (o, v) => o.reverse_unsigned_longs(v),
    [0, 4_294_967_295],
  ),
  "sequences.reverse_long_longs": reverses(
    (o, v) => o.reverse_long_longs(v),
    [-(2n ** 63n), 0n, 2n ** 63n - 1n],
  ),
  "sequences.reverse_unsigned_long_longs": reverses(
    (o, v) => o.reverse_unsigned_long_longs(v),
    [0n, 2n ** 53n + 1n, 2n ** 64n - 1n],
  ),
  "sequences.reverse_floats": reverses((o, v) => o.reverse_floats(v), [-1.5, 0, -0, Number.NaN]),
  "sequences.reverse_doubles": reverses(
    (o, v) => o.reverse_doubles(v),
    [-1.5, -0, Infinity, 1e-308],
  ),
  "sequences.reverse_colours": reverses((o, v) => o.reverse_colours(v), COLOURS),
  "sequences.reverse_short_list": async (peer) => {
    const object = await sequences(peer);
    expectSame(await object.reverse_short_list([1, 2, 3, 4]), [4, 3, 2, 1], "at its bound");
    expectSame(await object.reverse_short_list([]), [], "empty");
    const more = [1, 2, 3, 4, 5];
    await expectThrow(BAD_PARAM, () => object.reverse_short_list(more), "beyond the bound");
  },
  "sequences.reverse_longs.100k": async (peer) => {
    const v = Array.from({ length: 100_000 }, (_, i) => 7 * i);
    expectSame(await (await sequences(peer)).reverse_longs(v), v.toReversed(), "100,000 longs");
  },
  "sequences.reverse_strings": reverses(
    (o, v) => o.reverse_strings(v),
    ["", "one", "x".repeat(9000), "last"],
  ),
  "sequences.reverse_nested": reverses<readonly number[]>(
    (o, v) => o.reverse_nested(v),
    [[1], [], [2, 3]],
  ),
  "sequences.reverse_pair": async (peer) => {
    const r = await (await sequences(peer)).reverse_pair(["12345678", ""]);
    expectSame(r, ["", "12345678"], "pair");
  },

  "constructed.next_colour": async (peer) => {
    const object = await constructed(peer);
    expectSame(await object.next_colour("red"), "green", "after red");
    expectSame(await object.next_colour("green"), "blue", "after green");
    expectSame(await object.next_colour("blue"), "red", "after blue");
    const purple = "purple" as Interop.Colour;
    await expectThrow(BAD_PARAM, () => object.next_colour(purple), "a colour of no enum");
  },
  "constructed.mirror": async (peer) => {
    const r = await (await constructed(peer)).mirror({ x: -0, y: 1e-320 });
    expectSame(r, { x: 1e-320, y: -0 }, "mirrored");
  },
  "constructed.reverse_points": async (peer) => {
    const v = Array.from({ length: 1000 }, (_, i) => ({ x: i, y: i * -0.5 }));
    expectSame(await (await constructed(peer)).reverse_points(v), v.toReversed(), "points");
  },
  "constructed.flip_padded": async (peer) => {
    const v = samplePadded();
    const bits = { a: 254, g: 248, i: 246, m: 242, k: 65535 - v.k, h: 4_294_967_295 - v.h };
    const signed = { d: -v.d - 1n, f: -v.f - 1, l: 2n ** 64n - 1n - v.l };
    const wanted = { ...v, ...bits, ...signed, c: false };
    expectSame(await (await constructed(peer)).flip_padded(v), wanted, "flipped");
  },
  "constructed.reverse_padded": async (peer) => {
    const v = Array.from({ length: 300 }, (_, h) => ({ ...samplePadded(), h }));
    expectSame(await (await constructed(peer)).reverse_padded(v), v.toReversed(), "reversed");
  },
  "constructed.swap_outer": async (peer) => {
    const v = sampleOuter();
    const r = await (await constructed(peer)).swap_outer(v);
    expectSame(r, { ...v, first: v.second, second: v.first }, "swapped");
  },
  "constructed.outer_inout": async (peer) => {
    const v = sampleOuter();
    const r = await (await constructed(peer)).outer_inout(v);
    const wanted = { v: { ...v, second: v.first }, second: v.second, where: v.where };
    expectSame(r, wanted, "inout");
  },
  "constructed.echo_node": async (peer) => {
    const leaves = [chain(2), { value: 0, children: [] }, { value: 33, children: [] }];
    const v = { value: 1, children: leaves };
    expectSame(await (await constructed(peer)).echo_node(v), v, "node");
  },
  "constructed.node_depth.200": async (peer) => {
    expectSame(await (await constructed(peer)).node_depth(chain(200)), 200, "depth");
  },
  "constructed.make_chain.200": async (peer) => {
    expectSame(await (await constructed(peer)).make_chain(200), chain(200), "chain");
  },
  "constructed.echo_tree": async (peer) => {
    const leaf = { name: "leaf", branches: [] };
    const branches = [
      { name: "", branches: [] },
      { name: "b", branches: [leaf] },
    ];
    const v = { name: "root", branches };
    expectSame(await (await constructed(peer)).echo_tree(v), v, "tree");
  },
  "constructed.transpose": async (peer) => {
    const object = await constructed(peer);
    const v = [
      [1, 2, 3],
      [-4, -5, -6],
    ];
    expectSame(await object.transpose(v), v.toReversed(), "rows");
    await expectThrow(BAD_PARAM, () => object.transpose([[1, 2, 3]]), "one row");
  },
  "constructed.echo_cube": async (peer) => {
    const square = (z: number): number[][] => [
      [z, z + 0.5],
      [-z, Number.NaN],
    ];
    const v = [square(1), square(2)];
    expectSame(await (await constructed(peer)).echo_cube(v), v, "cube");
  },
  "constructed.flip_digest": async (peer) => {
    const object = await constructed(peer);
    const v = Uint8Array.from({ length: 16 }, (_, i) => i * 17);
    expectSame(await object.flip_digest(v), v.toReversed(), "octets");
    await expectThrow(BAD_PARAM, () => object.flip_digest(octets(15)), "15 octets");
  },
  "constructed.reverse_words": async (peer) => {
    const r = await (await constructed(peer)).reverse_words(["a", "", "ccc"]);
    expectSame(r, ["ccc", "", "a"], "words");
  },
  "constructed.reverse_triangle": async (peer) => {
    const r = await (await constructed(peer)).reverse_triangle(POINTS);
    expectSame(r, POINTS.toReversed(), "points");
  },
  "constructed.swap_shorts": async (peer) => {
    const r = await (await constructed(peer)).swap_shorts([[1, 2, 3], []]);
    expectSame(r, [[], [1, 2, 3]], "swapped");
  },
  "constructed.reverse_digests": async (peer) => {
    const v = [octets(16), new Uint8Array(16).fill(255)];
    expectSame(await (await constructed(peer)).reverse_digests(v), v.toReversed(), "digests");
  },
  "constructed.negate_flags": async (peer) => {
    const v = [true, false, true, true, false, false, false, false, true];
    const wanted = v.map((flag) => !flag);
    expectSame(await (await constructed(peer)).negate_flags(v), wanted, "flags");
  },
  "constructed.reverse_letters": async (peer) => {
    const v = ["h", "e", "\0", "l", "o"];
    expectSame(await (await constructed(peer)).reverse_letters(v), v.toReversed(), "letters");
  },
  "constructed.echo_palette": async (peer) => {
    const v: Interop.Palette = [
      ["red", "blue"],
      ["green", "blue"],
    ];
    expectSame(await (await constructed(peer)).echo_palette(v), v, "palette");
  },
  "constructed.arrays_inout": async (peer) => {
    const g = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const r = await (await constructed(peer)).arrays_inout(g, ["a", "b", "c"]);
    expectSame(r, { g: g.toReversed(), d: octets(16), w: ["c", "b", "a"] }, "arrays");
    expect(r.d instanceof Uint8Array, "an octet array is a Uint8Array");
  },
};
