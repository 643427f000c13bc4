import { BAD_PARAM, DATA_CONVERSION, SystemException } from "../../../orb/index.ts";
import type * as Interop from "../gen/Interop.ts";
import { type Checks, expect, expectSame, expectThrow, given, type Peer } from "./check.ts";

const texts = async (peer: Peer): Promise<Interop.Texts> => given(await peer.root._get_of_texts());
const primitives = async (peer: Peer): Promise<Interop.Primitives> =>
  given(await peer.root._get_of_primitives());

/** Every letter of ISO 8859-1, and ASCII from 1 on. */
const LATIN1: string = Array.from({ length: 255 }, (_, i) => i + 1)
  .filter((code) => code < 127 || code >= 160)
  .map((code) => String.fromCharCode(code))
  .join("");

/** Empty, one, the corners of the plane, a surrogate pair, what looks like a byte order mark inside. */
const WIDE: readonly string[] = [
  "",
  "a",
  "\u20ac \u00e9\u4e2d",
  "\u0001\u007f\u0080\u00ff\u0100\ufffd",
  "\ud83d\ude00",
  "x\ud83d\ude00\udbff\udfffy",
  "x\ufeffy",
  "\ufeffx",
  "\ufffex",
];

const unitsOf = (text: string): number[] =>
  Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));

export const textChecks: Checks = {
  "latin1-char.echo": async (peer) => {
    const object = await primitives(peer);
    for (let code = 160; code < 256; code++) {
      const c = String.fromCharCode(code);
      expectSame(await object.echo_char(c), c, "char");
    }
    expectSame(await object.char_code("é"), 0xe9, "code of e acute");
  },
  "latin1-char-refused.echo": async (peer) => {
    const object = await primitives(peer);
    await expectThrow(DATA_CONVERSION, () => object.echo_char("é"), "char e acute in UTF-8");
    expectSame(await object.echo_char("e"), "e", "the next call");
  },

  "texts.echo_string": async (peer) => {
    const object = await texts(peer);
    for (const v of ["", "a", "abcd", "line\r\n\ttab\x7f"])
      expectSame(await object.echo_string(v), v, "echo");
    await expectThrow(BAD_PARAM, () => object.echo_string("a\0b"), "a NUL in a string");
  },
  "texts.echo_string.latin1": async (peer) => {
    const object = await texts(peer);
    expectSame(await object.echo_string(LATIN1), LATIN1, "every letter of ISO 8859-1");
    expectSame(await object.string_length(LATIN1), LATIN1.length, "characters the server sees");
  },
  "texts.echo_string.each_length": async (peer) => {
    const object = await texts(peer);
    for (let v = ""; v.length < 70; v += String(v.length % 10))
      expectSame(await object.echo_string(v), v, `length ${v.length}`);
  },
  "texts.echo_string.300k": async (peer) => {
    const v = "line of thirty characters, yes\n".repeat(10_000);
    expect((await (await texts(peer)).echo_string(v)) === v, "300 KB came back different");
  },
  "texts.string_length": async (peer) => {
    const object = await texts(peer);
    for (const n of [0, 1, 8000, 8180, 8192, 16384, 300_000])
      expectSame(await object.string_length("x".repeat(n)), n, "length");
  },
  "texts.make_string.300k": async (peer) => {
    const made = await (await texts(peer)).make_string(300_000, "y");
    expect(made === "y".repeat(300_000), "300,000 letters came different");
  },
  "texts.echo_short_name": async (peer) => {
    const object = await texts(peer);
    for (const v of ["", "1234567", "12345678"])
      expectSame(await object.echo_short_name(v), v, "bounded string");
    await expectThrow(BAD_PARAM, () => object.echo_short_name("123456789"), "beyond the bound");
  },
  "texts.turn": async (peer) => {
    const r = await (await texts(peer)).turn("Level 1!");
    expectSame(r, { v: "!1 leveL", upper: "!1 LEVEL" }, "turned");
  },

  "wide.echo_wchar": async (peer) => {
    const object = await texts(peer);
    for (const code of [0, 1, 0x41, 0x7f, 0xe9, 0x100, 0x20ac, 0xd7ff, 0xe000, 0xfffd]) {
      const c = String.fromCharCode(code);
      expectSame(await object.echo_wchar(c), c, `wchar ${code}`);
    }
  },
  "wide.wchar_code": async (peer) => {
    const object = await texts(peer);
    for (const code of [0, 0x41, 0x20ac, 0xff00, 0xff])
      expectSame(await object.wchar_code(String.fromCharCode(code)), code, "code");
  },
  "wide.echo_wstring": async (peer) => {
    const object = await texts(peer);
    for (const v of WIDE) expectSame(await object.echo_wstring(v), v, "wide string");
    expectSame(await object.echo_wstring("\ud83d"), "\ud83d", "half a surrogate pair");
    await expectThrow(BAD_PARAM, () => object.echo_wstring("a\0b"), "U+0000, which no wstring has");
  },
  "wide.wstring_length": async (peer) => {
    const object = await texts(peer);
    for (const v of WIDE) expectSame(await object.wstring_length(v), v.length, "length in units");
  },
  "wide.wstring_units": async (peer) => {
    const object = await texts(peer);
    for (const v of WIDE) expectSame(await object.wstring_units(v), unitsOf(v), "units");
  },
  "wide.make_wstring": async (peer) => {
    const object = await texts(peer);
    for (const v of WIDE) expectSame(await object.make_wstring(unitsOf(v)), v, "made from units");
  },
  "wide.echo_wstring.300k": async (peer) => {
    const v = "\u3041\u3042\u3043\u3044".repeat(37_500);
    expect((await (await texts(peer)).echo_wstring(v)) === v, "150,000 units came back different");
  },
  "wide.echo_short_wide": async (peer) => {
    const object = await texts(peer);
    const v = "\u20ac\ud83d\ude004";
    expectSame(await object.echo_short_wide(v), v, "at its bound");
    await expectThrow(BAD_PARAM, () => object.echo_short_wide("12345"), "beyond the bound");
  },
  "wide.swap_wide": async (peer) => {
    expectSame(
      await (await texts(peer)).swap_wide("\u20ac", ""),
      { a: "", b: "\u20ac" },
      "swapped",
    );
  },
  "wide.reverse_wchars": async (peer) => {
    const v = ["\0", "a", "\u20ac", "\uff00", "\u00ff"];
    expectSame(await (await texts(peer)).reverse_wchars(v), v.toReversed(), "wchars");
  },
  "wide.reverse_wstrings": async (peer) => {
    const v = ["a", "", "\ud83d\ude00"];
    expectSame(await (await texts(peer)).reverse_wstrings(v), v.toReversed(), "wide strings");
  },
  "wide-refused.wchar": async (peer) => {
    const object = await texts(peer);
    await expectThrow(SystemException, () => object.echo_wchar("a"), "a wide character");
    expectSame(await object.echo_string("still there"), "still there", "the next call");
  },
  "wide-refused.wstring": async (peer) => {
    const object = await texts(peer);
    await expectThrow(SystemException, () => object.make_wstring([97, 0x20ac]), "a wide string");
    expectSame(await object.echo_string("still there"), "still there", "the next call");
  },
};
