#include "check.hh"
#include "samples.hh"
#include <cmath>
#include <cstring>
#include <limits>

using namespace Interop;

namespace {
template <class To, class From> To bits_of(From v) {
  static_assert(sizeof(To) == sizeof(From), "as many bits");
  To result;
  std::memcpy(&result, &v, sizeof result);
  return result;
}

template <class T, class Call> void flips(const char* what, Call call) {
  using Limits = std::numeric_limits<T>;
  for (T v : {T(0), T(1), T(-1), T(0x55), Limits::min(), Limits::max(), T(Limits::max() / 3)}) {
    T wanted = ~v;
    expect_equal(call(v), wanted, std::string(what) + " of " + std::to_string(v));
  }
}
}  // namespace

CHECK("primitives.ping") {
  OBJECT(Primitives, of_primitives);
  object->ping();
}
CHECK("primitives.constants") {
  OBJECT(Primitives, of_primitives);
  ConstantSet_var v = object->constants();
  expect_equal(v->short_least, SHORT_LEAST, "SHORT_LEAST");
  expect_equal(v->unsigned_short_most, UNSIGNED_SHORT_MOST, "UNSIGNED_SHORT_MOST");
  expect_equal(v->long_least, LONG_LEAST, "LONG_LEAST");
  expect_equal(v->unsigned_long_most, UNSIGNED_LONG_MOST, "UNSIGNED_LONG_MOST");
  expect_equal(v->long_long_least, LONG_LONG_LEAST, "LONG_LONG_LEAST");
  expect_equal(v->unsigned_long_long_most, UNSIGNED_LONG_LONG_MOST, "UNSIGNED_LONG_LONG_MOST");
  expect_equal(v->mask, MASK, "MASK");
  expect_equal(v->expression, EXPRESSION, "EXPRESSION");
  expect_equal(v->quarter, QUARTER, "QUARTER");
  expect_equal(v->product, PRODUCT, "PRODUCT");
  expect_equal(v->yes, YES, "YES");
  expect_equal(v->e_acute_code, static_cast<CORBA::Octet>(E_ACUTE), "code of E_ACUTE");
  expect_text(v->quoted, QUOTED, "QUOTED");
  expect_equal(v->bound, BOUND, "BOUND");
  expect_equal(static_cast<int>(v->favourite), static_cast<int>(FAVOURITE), "FAVOURITE");
  expect_equal(v->of_interface, Interop::Primitives::OF_INTERFACE, "OF_INTERFACE");
}
#define FLIPS(type, operation) \
  CHECK("primitives." #operation) { \
    OBJECT(Primitives, of_primitives); \
    flips<CORBA::type>(#operation, [&](CORBA::type v) { return object->operation(v); }); \
  }
FLIPS(Octet, flip_octet)
FLIPS(Short, flip_short)
FLIPS(UShort, flip_unsigned_short)
FLIPS(Long, flip_long)
FLIPS(ULong, flip_unsigned_long)
FLIPS(LongLong, flip_long_long)
FLIPS(ULongLong, flip_unsigned_long_long)

CHECK("primitives.negate") {
  OBJECT(Primitives, of_primitives);
  expect(object->negate(false), "not FALSE");
  expect(!object->negate(true), "not TRUE");
}
CHECK("primitives.echo_float") {
  OBJECT(Primitives, of_primitives);
  using Limits = std::numeric_limits<CORBA::Float>;
  for (CORBA::Float v : {0.0f, -0.0f, 1.5f, -0.1f, Limits::min(), Limits::max(), Limits::lowest(), Limits::denorm_min(),
                         Limits::epsilon(), Limits::infinity(), -Limits::infinity()})
    expect_equal(bits_of<CORBA::ULong>(object->echo_float(v)), bits_of<CORBA::ULong>(v), "bits of " + std::to_string(v));
  expect(std::isnan(object->echo_float(Limits::quiet_NaN())), "NaN");
}
CHECK("primitives.echo_double") {
  OBJECT(Primitives, of_primitives);
  using Limits = std::numeric_limits<CORBA::Double>;
  for (CORBA::Double v : {0.0, -0.0, 1.5, -0.1, 1e308, Limits::min(), Limits::max(), Limits::lowest(), Limits::denorm_min(),
                          Limits::epsilon(), Limits::infinity(), -Limits::infinity(), 9007199254740993.0})
    expect_equal(bits_of<CORBA::ULongLong>(object->echo_double(v)), bits_of<CORBA::ULongLong>(v),
                 "bits of " + std::to_string(v));
  expect(std::isnan(object->echo_double(Limits::quiet_NaN())), "NaN");
}
CHECK("primitives.float_bits") {
  OBJECT(Primitives, of_primitives);
  expect_equal(object->float_bits(-0.0f), 0x80000000u, "-0");
  expect_equal(object->float_bits(1.0f), 0x3f800000u, "1");
  expect_equal(object->float_bits(std::numeric_limits<float>::infinity()), 0x7f800000u, "infinity");
  expect_equal(object->float_bits(std::numeric_limits<float>::denorm_min()), 1u, "the least denormal");
  expect_equal(object->float_bits(std::numeric_limits<float>::quiet_NaN()) & 0x7fc00000u, 0x7fc00000u, "NaN");
}
CHECK("primitives.double_bits") {
  OBJECT(Primitives, of_primitives);
  expect_equal(object->double_bits(-0.0), 0x8000000000000000ULL, "-0");
  expect_equal(object->double_bits(1.0), 0x3ff0000000000000ULL, "1");
  expect_equal(object->double_bits(-std::numeric_limits<double>::infinity()), 0xfff0000000000000ULL, "-infinity");
  expect_equal(object->double_bits(std::numeric_limits<double>::denorm_min()), 1ULL, "the least denormal");
  expect_equal(object->double_bits(std::nan("")) & 0x7ff8000000000000ULL, 0x7ff8000000000000ULL, "NaN");
}
CHECK("primitives.float_of") {
  OBJECT(Primitives, of_primitives);
  expect(std::signbit(object->float_of(0x80000000u)), "-0");
  expect_equal(object->float_of(0x7f7fffffu), std::numeric_limits<float>::max(), "the greatest");
  expect(std::isnan(object->float_of(0x7fc00000u)), "NaN");
}
CHECK("primitives.double_of") {
  OBJECT(Primitives, of_primitives);
  expect(std::signbit(object->double_of(0x8000000000000000ULL)), "-0");
  expect_equal(object->double_of(0x7fefffffffffffffULL), std::numeric_limits<double>::max(), "the greatest");
  expect(std::isnan(object->double_of(0x7ff8000000000000ULL)), "NaN");
}
CHECK("primitives.echo_char") {
  OBJECT(Primitives, of_primitives);
  for (int c = 0; c < 128; c++) expect_equal(object->echo_char(c), static_cast<CORBA::Char>(c), "char");
}
CHECK("primitives.char_code") {
  OBJECT(Primitives, of_primitives);
  for (int c : {0, 10, 65, 126, 127}) expect_equal(object->char_code(c), c, "code");
}
// A char is one octet: where UTF-8 was agreed on, letters beyond ASCII cannot be one.
CHECK("latin1-char.echo") {
  OBJECT(Primitives, of_primitives);
  for (int c = 160; c < 256; c++) expect_equal(object->echo_char(c), static_cast<CORBA::Char>(c), "char");
  expect_equal(object->char_code('\xe9'), 0xe9, "code of e acute");
}
CHECK("latin1-char-refused.echo") {
  OBJECT(Primitives, of_primitives);
  expect_throw<CORBA::DATA_CONVERSION>("char e acute in UTF-8", [&] { object->echo_char('\xe9'); });
  expect_equal(object->echo_char('e'), 'e', "the next call");
}
CHECK("primitives.mixed") {
  OBJECT(Primitives, of_primitives);
  CORBA::LongLong b = 1LL << 40;
  CORBA::Double c = 0;
  CORBA::Boolean d = false;
  CORBA::Octet e = 0;
  expect_equal(object->mixed(-7, b, c, d, e, 'f'), -7, "result");
  expect_equal(b, ~(1LL << 40), "b");
  expect_equal(c, -6.5, "c");
  expect(d, "d");
  expect_equal(e, 'f', "e");
}
CHECK("primitives.all_inout") {
  OBJECT(Primitives, of_primitives);
  CORBA::Octet o = 0xa5;
  CORBA::Short s = -3;
  CORBA::UShort us = 4;
  CORBA::Long l = -5;
  CORBA::ULong ul = 6;
  CORBA::LongLong ll = -7;
  CORBA::ULongLong ull = 8;
  CORBA::Float f = -0.5f;
  CORBA::Double d = 1e-300;
  CORBA::Char c = 'c';
  CORBA::Boolean b = true;
  object->all_inout(o, s, us, l, ul, ll, ull, f, d, c, b);
  expect_equal(o, 0x5a, "o");
  expect_equal(s, 2, "s");
  expect_equal(us, 65531, "us");
  expect_equal(l, 4, "l");
  expect_equal(ul, 4294967289u, "ul");
  expect_equal(ll, 6, "ll");
  expect_equal(ull, ~8ULL, "ull");
  expect_equal(f, -0.5f, "f");
  expect_equal(d, 1e-300, "d");
  expect_equal(c, 'c', "c");
  expect(b, "b");
}
CHECK("primitives.all_out") {
  OBJECT(Primitives, of_primitives);
  CORBA::Octet o;
  CORBA::Short s;
  CORBA::UShort us;
  CORBA::Long l;
  CORBA::ULong ul;
  CORBA::LongLong ll;
  CORBA::ULongLong ull;
  CORBA::Float f;
  CORBA::Double d;
  CORBA::Char c = 0;
  CORBA::Boolean b;
  object->all_out(o, s, us, l, ul, ll, ull, f, d, c, b);
  expect_equal(o, 255, "o");
  expect_equal(s, 32767, "s");
  expect_equal(us, 65535, "us");
  expect_equal(l, 2147483647, "l");
  expect_equal(ul, 4294967295u, "ul");
  expect_equal(ll, std::numeric_limits<CORBA::LongLong>::max(), "ll");
  expect_equal(ull, std::numeric_limits<CORBA::ULongLong>::max(), "ull");
  expect_equal(f, std::numeric_limits<CORBA::Float>::max(), "f");
  expect_equal(d, std::numeric_limits<CORBA::Double>::max(), "d");
  expect_equal(c, 127, "c");
  expect(b, "b");
}

namespace {
std::string latin1() {
  std::string all;
  for (int c = 1; c < 256; c++)
    if (c < 127 || c >= 160) all += static_cast<char>(c);
  return all;
}
}  // namespace

CHECK("texts.echo_string") {
  OBJECT(Texts, of_texts);
  for (const std::string& v : {std::string(), std::string("a"), std::string("abcd"), std::string("line\r\n\ttab\x7f")}) {
    CORBA::String_var r = object->echo_string(v.c_str());
    expect_text(r, v, "echo");
  }
}
CHECK("texts.echo_string.latin1") {
  OBJECT(Texts, of_texts);
  const std::string all = latin1();
  CORBA::String_var r = object->echo_string(all.c_str());
  expect_text(r, all, "every letter of Latin-1");
  expect_equal(object->string_length(all.c_str()), all.size(), "characters the server sees");
}
CHECK("texts.echo_string.each_length") {
  OBJECT(Texts, of_texts);
  std::string v;
  for (int n = 0; n < 70; n++) {
    CORBA::String_var r = object->echo_string(v.c_str());
    expect_text(r, v, "length " + std::to_string(n));
    v += static_cast<char>('0' + n % 10);
  }
}
CHECK("texts.echo_string.300k") {
  OBJECT(Texts, of_texts);
  std::string v;
  while (v.size() < 300 * 1024) v += "line " + std::to_string(v.size()) + "\n";
  CORBA::String_var r = object->echo_string(v.c_str());
  expect_text(r, v, "300 KiB");
}
CHECK("texts.string_length") {
  OBJECT(Texts, of_texts);
  for (size_t n : {0, 1, 8000, 8180, 8192, 16384, 300000})
    expect_equal(object->string_length(std::string(n, 'x').c_str()), n, "length");
}
CHECK("texts.make_string.300k") {
  OBJECT(Texts, of_texts);
  CORBA::String_var r = object->make_string(300000, 'y');
  expect_text(r, std::string(300000, 'y'), "made");
}
CHECK("texts.echo_short_name") {
  OBJECT(Texts, of_texts);
  for (const char* v : {"", "1234567", "12345678"}) {
    CORBA::String_var r = object->echo_short_name(v);
    expect_text(r, v, "bounded string");
  }
}
CHECK("texts.turn") {
  OBJECT(Texts, of_texts);
  CORBA::String_var v = CORBA::string_dup("Level 1!"), upper;
  object->turn(v.inout(), upper.out());
  expect_text(v, "!1 leveL", "reversed");
  expect_text(upper, "!1 LEVEL", "upper case");
}

namespace {
using Units = std::vector<CORBA::UShort>;
// Empty, one, the corners of the plane, a surrogate pair, lone surrogates, what looks like a byte order mark inside.
const std::vector<Units>& wide_samples() {
  static const std::vector<Units> all = {{},
                                         {'a'},
                                         {0x20ac, ' ', 0xe9, 0x4e2d},
                                         {1, 0x7f, 0x80, 0xff, 0x100, 0xfffd},
                                         {0xd83d, 0xde00},
                                         {'x', 0xd83d, 0xde00, 0xdbff, 0xdfff, 'y'},
                                         {'x', 0xfeff, 'y'}};
  return all;
}
}  // namespace

CHECK("wide.echo_wchar") {
  OBJECT(Texts, of_texts);
  for (int c : {0, 1, 0x41, 0x7f, 0xe9, 0x100, 0x20ac, 0xd7ff, 0xe000, 0xfffd})
    expect_equal(static_cast<unsigned>(object->echo_wchar(c)), static_cast<unsigned>(c), "wchar");
}
CHECK("wide.wchar_code") {
  OBJECT(Texts, of_texts);
  for (int c : {0, 0x41, 0x20ac, 0xff00, 0xff}) expect_equal(object->wchar_code(c), c, "code");
}
CHECK("wide.echo_wstring") {
  OBJECT(Texts, of_texts);
  for (const Units& v : wide_samples()) {
    CORBA::WString_var sent = wide(v), r = object->echo_wstring(sent);
    expect(units(r) == v, "wide string of " + std::to_string(v.size()) + " units came back different");
  }
}
CHECK("wide.wstring_length") {
  OBJECT(Texts, of_texts);
  for (const Units& v : wide_samples()) {
    CORBA::WString_var sent = wide(v);
    expect_equal(object->wstring_length(sent), v.size(), "length in units");
  }
}
CHECK("wide.wstring_units") {
  OBJECT(Texts, of_texts);
  for (const Units& v : wide_samples()) {
    CORBA::WString_var sent = wide(v);
    UnsignedShortSeq_var r = object->wstring_units(sent);
    expect(Units(r->get_buffer(), r->get_buffer() + r->length()) == v, "units as the server sees them");
  }
}
CHECK("wide.make_wstring") {
  OBJECT(Texts, of_texts);
  for (const Units& v : wide_samples()) {
    UnsignedShortSeq sent;
    sent.length(v.size());
    for (size_t i = 0; i < v.size(); i++) sent[i] = v[i];
    CORBA::WString_var r = object->make_wstring(sent);
    expect(units(r) == v, "made from units");
  }
}
CHECK("wide.echo_wstring.300k") {
  OBJECT(Texts, of_texts);
  Units v;
  for (int i = 0; i < 150000; i++) v.push_back(0x3041 + i % 80);
  CORBA::WString_var sent = wide(v), r = object->echo_wstring(sent);
  expect(units(r) == v, "150,000 units");
}
CHECK("wide.echo_short_wide") {
  OBJECT(Texts, of_texts);
  CORBA::WString_var sent = wide({0x20ac, 0xd83d, 0xde00, '4'}), r = object->echo_short_wide(sent);
  expect(units(r) == units(sent), "bounded wide string at its bound");
}
CHECK("wide.swap_wide") {
  OBJECT(Texts, of_texts);
  CORBA::WString_var a = wide({0x20ac}), b = wide({});
  object->swap_wide(a.inout(), b.inout());
  expect(units(a).empty() && units(b) == Units{0x20ac}, "swapped");
}
CHECK("wide.reverse_wchars") {
  OBJECT(Texts, of_texts);
  WcharSeq v;
  v.length(5);
  const CORBA::WChar sent[] = {0, 'a', 0x20ac, 0xff00, 0xff};
  for (int i = 0; i < 5; i++) v[i] = sent[i];
  WcharSeq_var r = object->reverse_wchars(v);
  expect_reversed(r.in(), v, "wchars");
}
CHECK("wide.reverse_wstrings") {
  OBJECT(Texts, of_texts);
  WstringSeq v;
  v.length(3);
  v[0] = wide({'a'});
  v[1] = wide({});
  v[2] = wide({0xd83d, 0xde00});
  WstringSeq_var r = object->reverse_wstrings(v);
  for (int i = 0; i < 3; i++) expect(units(r[2 - i]) == units(v[i]), "wide strings");
}
CHECK("wide-refused.wchar") {
  OBJECT(Texts, of_texts);
  expect_any_system("a wide character at this GIOP version", [&] { object->echo_wchar('a'); });
  CORBA::String_var r = object->echo_string("still there");
  expect_text(r, "still there", "the next call");
}
CHECK("wide-refused.wstring") {
  OBJECT(Texts, of_texts);
  expect_any_system("a wide string from the server at this GIOP version", [&] {
    UnsignedShortSeq units;
    units.length(2);
    units[0] = 'a';
    units[1] = 0x20ac;
    CORBA::WString_var r = object->make_wstring(units);
  });
  CORBA::String_var r = object->echo_string("still there");
  expect_text(r, "still there", "the next call");
}
