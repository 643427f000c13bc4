#include "check.hh"
#include "samples.hh"
#include <algorithm>
#include <cmath>

using namespace Interop;

namespace {
template <class Seq, class T> Seq sequence_of(std::initializer_list<T> values) {
  Seq v;
  v.length(values.size());
  CORBA::ULong i = 0;
  for (const T& value : values) v[i++] = value;
  return v;
}

void expect_padded(const Padded& got, const Padded& wanted, const std::string& what) {
  const bool same = got.a == wanted.a && got.b == wanted.b && got.c == wanted.c && got.d == wanted.d && got.e == wanted.e &&
                    got.f == wanted.f && got.g == wanted.g && got.h == wanted.h && got.i == wanted.i && got.j == wanted.j &&
                    got.k == wanted.k && got.l == wanted.l && got.m == wanted.m;
  expect(same, what);
}

template <class T> void expect_same_in_any(const T& got, const T& wanted, const std::string& what) {
  CORBA::Any a, b;
  a <<= got;
  b <<= wanted;
  expect(same_any(a, b), what + " differs");
}
}  // namespace

CHECK("sequences.echo_octets") {
  OBJECT(Sequences, of_sequences);
  for (CORBA::ULong n : {0, 1, 3, 1023, 1024, 8160, 8192, 16384, 65537}) {
    OctetSeq_var sent = octets(n), r = object->echo_octets(sent);
    expect(r->length() == n && std::equal(r->get_buffer(), r->get_buffer() + n, sent->get_buffer()),
           std::to_string(n) + " octets");
  }
}
CHECK("sequences.echo_octets.1m") {
  OBJECT(Sequences, of_sequences);
  const CORBA::ULong n = 1 << 20;
  OctetSeq_var sent = octets(n), r = object->echo_octets(sent);
  expect(r->length() == n && std::equal(r->get_buffer(), r->get_buffer() + n, sent->get_buffer()), "1 MiB");
}
CHECK("sequences.make_octets.1m") {
  OBJECT(Sequences, of_sequences);
  OctetSeq_var r = object->make_octets(1 << 20);
  expect_equal(r->length(), 1u << 20, "length");
  for (CORBA::ULong i = 0; i < r->length(); i++) expect(r[i] == i % 251, "octet " + std::to_string(i));
}
CHECK("sequences.sum_octets.1m") {
  OBJECT(Sequences, of_sequences);
  OctetSeq_var sent = octets(1 << 20);
  CORBA::ULongLong sum = 0;
  for (CORBA::ULong i = 0; i < sent->length(); i++) sum += sent[i];
  expect_equal(object->sum_octets(sent), sum, "sum");
}
CHECK("sequences.double_octets") {
  OBJECT(Sequences, of_sequences);
  OctetSeq_var v = octets(5), copy;
  object->double_octets(v.inout(), copy.out());
  expect_equal(v->length(), 10u, "length");
  expect_equal(v[5], 0, "octet 5");
  expect_equal(v[9], 4, "octet 9");
  expect_equal(copy->length(), 5u, "length of the copy");
}
CHECK("sequences.echo_short_octets") {
  OBJECT(Sequences, of_sequences);
  ShortOctets v = sequence_of<ShortOctets, int>({1, 2, 3, 4, 5, 6, 7, 255});
  ShortOctets_var r = object->echo_short_octets(v);
  expect(r->length() == 8 && r[7] == 255, "bounded octets at their bound");
  v.length(0);
  r = object->echo_short_octets(v);
  expect_equal(r->length(), 0u, "length");
}
#define REVERSES(Seq, operation, ...) \
  CHECK("sequences." #operation) { \
    OBJECT(Sequences, of_sequences); \
    Seq v = sequence_of<Seq>(__VA_ARGS__); \
    Seq##_var r = object->operation(v); \
    expect_reversed(r.in(), v, #operation); \
    v.length(0); \
    r = object->operation(v); \
    expect_equal(r->length(), 0u, "length of the empty sequence"); \
  }
REVERSES(BooleanSeq, reverse_booleans, {true, true, false})
REVERSES(CharSeq, reverse_chars, {'\0', 'a', '~'})
REVERSES(ShortSeq, reverse_shorts, {-32768, 0, 32767})
REVERSES(UnsignedShortSeq, reverse_unsigned_shorts, {0, 1, 65535})
REVERSES(LongSeq, reverse_longs, {-2147483647 - 1, 0, 1, 2147483647})
REVERSES(UnsignedLongSeq, reverse_unsigned_longs, {0u, 4294967295u})
REVERSES(LongLongSeq, reverse_long_longs, {-9223372036854775807LL - 1, 0LL, 9223372036854775807LL})
REVERSES(UnsignedLongLongSeq, reverse_unsigned_long_longs, {0ULL, 9007199254740993ULL, 18446744073709551615ULL})
REVERSES(FloatSeq, reverse_floats, {-1.5f, 0.0f, 3.4e38f})
REVERSES(DoubleSeq, reverse_doubles, {-1.5, 0.0, double(INFINITY), 1e-308})
REVERSES(ColourSeq, reverse_colours, {blue, blue, red, green})
REVERSES(ShortList, reverse_short_list, {1, 2, 3, 4})

CHECK("sequences.reverse_longs.100k") {
  OBJECT(Sequences, of_sequences);
  LongSeq v;
  v.length(100000);
  for (CORBA::ULong i = 0; i < v.length(); i++) v[i] = 7 * i;
  LongSeq_var r = object->reverse_longs(v);
  expect_reversed(r.in(), v, "100,000 longs");
}
CHECK("sequences.reverse_strings") {
  OBJECT(Sequences, of_sequences);
  StringSeq v;
  v.length(4);
  const std::string sent[] = {"", "one", std::string(9000, 'x'), "last"};
  for (int i = 0; i < 4; i++) v[i] = sent[i].c_str();
  StringSeq_var r = object->reverse_strings(v);
  expect_equal(r->length(), 4u, "length");
  for (int i = 0; i < 4; i++) expect_text(r[3 - i], sent[i], "string");
}
CHECK("sequences.reverse_nested") {
  OBJECT(Sequences, of_sequences);
  ShortSeqSeq v;
  v.length(3);
  v[0] = sequence_of<ShortSeq>({1});
  v[2] = sequence_of<ShortSeq>({2, 3});
  ShortSeqSeq_var r = object->reverse_nested(v);
  expect(r->length() == 3 && r[0].length() == 2 && r[0][1] == 3 && r[1].length() == 0 && r[2][0] == 1, "nested");
}
CHECK("sequences.reverse_pair") {
  OBJECT(Sequences, of_sequences);
  NamePair v;
  v.length(2);
  v[0] = CORBA::string_dup("12345678");
  v[1] = CORBA::string_dup("");
  NamePair_var r = object->reverse_pair(v);
  expect_text(r[0], "", "first");
  expect_text(r[1], "12345678", "second");
}

CHECK("constructed.next_colour") {
  OBJECT(Constructed, of_constructed);
  expect(object->next_colour(red) == green && object->next_colour(green) == blue && object->next_colour(blue) == red, "next");
}
CHECK("constructed.mirror") {
  OBJECT(Constructed, of_constructed);
  const Point r = object->mirror(Point{-0.0, 1e-320});
  expect(r.x == 1e-320 && r.y == 0 && std::signbit(r.y), "mirrored");
}
CHECK("constructed.reverse_points") {
  OBJECT(Constructed, of_constructed);
  PointSeq v;
  v.length(1000);
  for (CORBA::ULong i = 0; i < 1000; i++) v[i] = Point{i * 1.0, i * -0.5};
  PointSeq_var r = object->reverse_points(v);
  expect_equal(r->length(), 1000u, "length");
  for (CORBA::ULong i = 0; i < 1000; i++) expect(r[i].x == 999 - i && r[i].y == (999.0 - i) * -0.5, "point");
}
CHECK("constructed.flip_padded") {
  OBJECT(Constructed, of_constructed);
  Padded wanted = sample_padded();
  const Padded r = object->flip_padded(wanted);
  wanted.a = ~wanted.a;
  wanted.c = !wanted.c;
  wanted.d = ~wanted.d;
  wanted.f = ~wanted.f;
  wanted.g = ~wanted.g;
  wanted.h = ~wanted.h;
  wanted.i = ~wanted.i;
  wanted.k = ~wanted.k;
  wanted.l = ~wanted.l;
  wanted.m = ~wanted.m;
  expect_padded(r, wanted, "flipped");
}
CHECK("constructed.reverse_padded") {
  OBJECT(Constructed, of_constructed);
  PaddedSeq v;
  v.length(300);
  for (CORBA::ULong i = 0; i < 300; i++) {
    v[i] = sample_padded();
    v[i].h = i;
  }
  PaddedSeq_var r = object->reverse_padded(v);
  expect_equal(r->length(), 300u, "length");
  for (CORBA::ULong i = 0; i < 300; i++) expect_padded(r[i], v[299 - i], "element " + std::to_string(i));
}
CHECK("constructed.swap_outer") {
  OBJECT(Constructed, of_constructed);
  Outer_var sent = sample_outer(), r = object->swap_outer(sent);
  std::swap(sent->first, sent->second);
  expect_same_in_any(r.in(), sent.in(), "struct of structs");
}
CHECK("constructed.outer_inout") {
  OBJECT(Constructed, of_constructed);
  Outer_var v = sample_outer();
  Outer::Inner_var second;
  Position where;
  object->outer_inout(v.inout(), second.out(), where);
  expect_text(v->second.label, "first", "second of the inout");
  expect_text(second->label, "", "out");
  expect(second->counts[3] == -3 && where.x == 0.1 && where.y == -1e300, "out values");
}
CHECK("constructed.echo_node") {
  OBJECT(Constructed, of_constructed);
  Node_var sent = chain(3);
  sent->children.length(3);
  sent->children[2].value = 33;
  Node_var r = object->echo_node(sent);
  expect_same_in_any(r.in(), sent.in(), "node");
}
CHECK("constructed.node_depth.200") {
  OBJECT(Constructed, of_constructed);
  Node_var sent = chain(200);
  expect_equal(object->node_depth(sent), 200u, "depth");
}
CHECK("constructed.make_chain.200") {
  OBJECT(Constructed, of_constructed);
  Node_var r = object->make_chain(200);
  const Node* at = r.operator->();
  for (CORBA::Long level = 1; level <= 200; level++) {
    expect_equal(at->value, level, "value");
    expect_equal(at->children.length(), level < 200 ? 1u : 0u, "children");
    if (level < 200) at = &at->children[0];
  }
}
CHECK("constructed.echo_tree") {
  OBJECT(Constructed, of_constructed);
  Tree sent;
  sent.name = CORBA::string_dup("root");
  sent.branches.length(2);
  sent.branches[0].name = CORBA::string_dup("");
  sent.branches[1].name = CORBA::string_dup("b");
  sent.branches[1].branches.length(1);
  sent.branches[1].branches[0].name = CORBA::string_dup("leaf");
  Tree_var r = object->echo_tree(sent);
  expect_same_in_any(r.in(), sent, "tree");
}
CHECK("constructed.transpose") {
  OBJECT(Constructed, of_constructed);
  const Grid v = {{1, 2, 3}, {-4, -5, -6}};
  Grid_var r = object->transpose(v);
  expect(r[0][0] == -4 && r[0][2] == -6 && r[1][0] == 1 && r[1][2] == 3, "rows");
}
CHECK("constructed.echo_cube") {
  OBJECT(Constructed, of_constructed);
  Cube v;
  for (int i = 0; i < 8; i++) v[i / 4][i / 2 % 2][i % 2] = i - 0.5;
  Cube_var r = object->echo_cube(v);
  for (int i = 0; i < 8; i++) expect_equal(r[i / 4][i / 2 % 2][i % 2], i - 0.5, "cell");
}
CHECK("constructed.flip_digest") {
  OBJECT(Constructed, of_constructed);
  Digest v;
  for (int i = 0; i < 16; i++) v[i] = i * 17;
  Digest_var r = object->flip_digest(v);
  for (int i = 0; i < 16; i++) expect_equal(r[i], 255 - i * 17, "octet");
}
CHECK("constructed.reverse_words") {
  OBJECT(Constructed, of_constructed);
  Words v;
  v[0] = CORBA::string_dup("a");
  v[1] = CORBA::string_dup("");
  v[2] = CORBA::string_dup("ccc");
  Words_var r = object->reverse_words(v);
  expect_text(r[0], "ccc", "first");
  expect_text(r[2], "a", "last");
}
CHECK("constructed.reverse_triangle") {
  OBJECT(Constructed, of_constructed);
  const Triangle v = {{1, 2}, {3, 4}, {5, 6}};
  Triangle_var r = object->reverse_triangle(v);
  expect(r[0].x == 5 && r[1].y == 4 && r[2].y == 2, "points");
}
CHECK("constructed.swap_shorts") {
  OBJECT(Constructed, of_constructed);
  ShortsByTwo v;
  v[0] = sequence_of<ShortsByTwo_slice>({1, 2, 3});
  ShortsByTwo_var r = object->swap_shorts(v);
  expect(r[0].length() == 0 && r[1].length() == 3 && r[1][2] == 3, "swapped");
}
CHECK("constructed.reverse_digests") {
  OBJECT(Constructed, of_constructed);
  DigestSeq v;
  v.length(2);
  for (int i = 0; i < 16; i++) {
    v[0][i] = i;
    v[1][i] = 255;
  }
  DigestSeq_var r = object->reverse_digests(v);
  expect(r->length() == 2 && r[0][0] == 255 && r[1][15] == 15, "reversed");
}
CHECK("constructed.negate_flags") {
  OBJECT(Constructed, of_constructed);
  const Flags v = {true, false, true, true, false, false, false, false, true};
  Flags_var r = object->negate_flags(v);
  for (int i = 0; i < 9; i++) expect(r[i] != v[i], "flag");
}
CHECK("constructed.reverse_letters") {
  OBJECT(Constructed, of_constructed);
  const Letters v = {'h', 'e', '\0', 'l', 'o'};
  Letters_var r = object->reverse_letters(v);
  for (int i = 0; i < 5; i++) expect_equal(r[i], v[4 - i], "letter");
}
CHECK("constructed.echo_palette") {
  OBJECT(Constructed, of_constructed);
  const Palette v = {{red, blue}, {green, blue}};
  Palette_var r = object->echo_palette(v);
  expect(r[0][0] == red && r[0][1] == blue && r[1][0] == green && r[1][1] == blue, "colours");
}
CHECK("constructed.arrays_inout") {
  OBJECT(Constructed, of_constructed);
  Grid g = {{1, 2, 3}, {4, 5, 6}};
  Digest d = {};
  Words w;
  w[0] = CORBA::string_dup("a");
  w[1] = CORBA::string_dup("b");
  w[2] = CORBA::string_dup("c");
  object->arrays_inout(g, d, w);
  expect(g[0][0] == 4 && g[1][2] == 3, "grid");
  expect_equal(d[15], 15, "digest");
  expect_text(w[0], "c", "words[0]");
  expect_text(w[1], "b", "words[1]");
  expect_text(w[2], "a", "words[2]");
}
