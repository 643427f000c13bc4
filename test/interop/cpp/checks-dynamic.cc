#include "check.hh"
#include "samples.hh"

using namespace Interop;

namespace {
// Sends v, and wants the same back, member and discriminator.
template <class U, class Call> void echoes(const U& v, Call call, const std::string& what) {
  CORBA::Any sent, got;
  sent <<= v;
  got <<= call(v);
  expect(same_any(sent, got), what + " came back different");
}
}  // namespace

#define ECHO(operation) [&](const auto& v) { return object->operation(v); }

CHECK("unions.by_short") {
  OBJECT(Unions, of_unions);
  ByShort v;
  v.least(200);
  echoes(v, ECHO(echo_by_short), "least");
  v.one(-0.5);
  v._d(-1);
  echoes(v, ECHO(echo_by_short), "one by -1");
  v._d(1);
  echoes(v, ECHO(echo_by_short), "one by 1");
  v.most("");
  echoes(v, ECHO(echo_by_short), "most");
  v.other(-9223372036854775807LL - 1);
  v._d(0);
  echoes(v, ECHO(echo_by_short), "default");
  ByShort_var r = object->echo_by_short(v);
  expect(r->_d() == 0 && r->other() == -9223372036854775807LL - 1, "the default's value");
}
CHECK("unions.by_unsigned_short") {
  OBJECT(Unions, of_unions);
  ByUnsignedShort v;
  v.none(true);
  echoes(v, ECHO(echo_by_unsigned_short), "none");
  v.most(Point{1, 2});
  echoes(v, ECHO(echo_by_unsigned_short), "most");
  ByUnsignedShort::_other_seq other;
  other.length(3);
  other[2] = -3;
  v.other(other);
  v._d(32768);
  echoes(v, ECHO(echo_by_unsigned_short), "default");
}
CHECK("unions.by_long") {
  OBJECT(Unions, of_unions);
  ByLong v;
  v.least(blue);
  ByLong r = object->echo_by_long(v);
  expect(r._d() == LONG_LEAST && r.least() == blue, "least");
  const CORBA::Long grid[2][2] = {{1, 2}, {3, -4}};
  v.grid(grid);
  r = object->echo_by_long(v);
  expect(r._d() == 0 && r.grid()[1][1] == -4 && r.grid()[0][1] == 2, "grid");
  const Triangle triangle = {{1, 2}, {3, 4}, {5, 6}};
  v.most(triangle);
  r = object->echo_by_long(v);
  expect(r._d() == 2147483647 && r.most()[2].y == 6, "most");
}
CHECK("unions.by_long.no_member") {
  OBJECT(Unions, of_unions);
  ByLong v;
  v._default();
  v._d(17);
  const ByLong r = object->echo_by_long(v);
  expect_equal(r._d(), 17, "a label of no member");
}
CHECK("unions.by_unsigned_long") {
  OBJECT(Unions, of_unions);
  ByUnsignedLong v;
  CORBA::Any any;
  any <<= sample_padded();
  v.anything(any);
  echoes(v, ECHO(echo_by_unsigned_long), "any");
  Outer_var outer = sample_outer();
  v.most(outer);
  echoes(v, ECHO(echo_by_unsigned_long), "most");
}
CHECK("unions.by_long_long") {
  OBJECT(Unions, of_unions);
  ByLongLong v;
  v.least(-1);
  ByLongLong_var r = object->echo_by_long_long(v);
  expect(r->_d() == LONG_LONG_LEAST && r->least() == -1, "least");
  v.most("most");
  r = object->echo_by_long_long(v);
  expect_equal(r->_d(), 9223372036854775807LL, "label");
  expect_text(r->most(), "most", "most");
  v.other(0.5f);
  v._d(-4294967297LL);
  r = object->echo_by_long_long(v);
  expect(r->_d() == -4294967297LL && r->other() == 0.5f, "default");
}
CHECK("unions.by_unsigned_long_long") {
  OBJECT(Unions, of_unions);
  ByUnsignedLongLong v;
  Digest digest;
  for (int i = 0; i < 16; i++) digest[i] = 3 * i;
  v.none(digest);
  ByUnsignedLongLong r = object->echo_by_unsigned_long_long(v);
  expect(r._d() == 0 && r.none()[15] == 45, "none");
  v.most(1ULL << 63);
  r = object->echo_by_unsigned_long_long(v);
  expect(r._d() == 18446744073709551615ULL && r.most() == 1ULL << 63, "most");
}
CHECK("unions.by_char") {
  OBJECT(Unions, of_unions);
  ByChar v;
  v.letter(-1);
  v._d('a');
  echoes(v, ECHO(echo_by_char), "letter by a");
  v._d('b');
  echoes(v, ECHO(echo_by_char), "letter by b");
  v.nothing("nothing");
  echoes(v, ECHO(echo_by_char), "nothing");
  v.quote(39);
  echoes(v, ECHO(echo_by_char), "quote");
  v.other('!');
  v._d('~');
  echoes(v, ECHO(echo_by_char), "default");
}
CHECK("unions.by_boolean") {
  OBJECT(Unions, of_unions);
  ByBoolean v;
  v.yes("yes");
  ByBoolean_var r = object->echo_by_boolean(v);
  expect(r->_d(), "TRUE");
  expect_text(r->yes(), "yes", "yes");
  v.no(-7);
  r = object->echo_by_boolean(v);
  expect(!r->_d() && r->no() == -7, "FALSE");
}
CHECK("unions.only_true") {
  OBJECT(Unions, of_unions);
  OnlyTrue v;
  LongSeq values;
  values.length(2);
  values[1] = 9;
  v.values(values);
  OnlyTrue_var r = object->echo_only_true(v);
  expect(r->_d() && r->values().length() == 2 && r->values()[1] == 9, "TRUE");
}
CHECK("unions.only_true.no_member") {
  OBJECT(Unions, of_unions);
  OnlyTrue v;
  v._default();
  OnlyTrue_var r = object->echo_only_true(v);
  expect(!r->_d(), "FALSE, without a member");
}
CHECK("unions.by_colour") {
  OBJECT(Unions, of_unions);
  ByColour v;
  v.r(1);
  echoes(v, ECHO(echo_by_colour), "red");
  v.g("green");
  echoes(v, ECHO(echo_by_colour), "green");
  v.b(sample_padded());
  echoes(v, ECHO(echo_by_colour), "blue");
}
CHECK("unions.colour_or_else") {
  OBJECT(Unions, of_unions);
  ColourOrElse v;
  v.g("g");
  echoes(v, ECHO(echo_colour_or_else), "green");
  v.other(65535);
  v._d(red);
  echoes(v, ECHO(echo_colour_or_else), "red");
  v._d(blue);
  echoes(v, ECHO(echo_colour_or_else), "blue");
}
CHECK("unions.only_blue") {
  OBJECT(Unions, of_unions);
  OnlyBlue v;
  v.b(1e100);
  OnlyBlue r = object->echo_only_blue(v);
  expect(r._d() == blue && r.b() == 1e100, "blue");
  v._default();
  v._d(green);
  r = object->echo_only_blue(v);
  expect(r._d() == green, "green, without a member");
}
CHECK("unions.by_inline_enum") {
  OBJECT(Unions, of_unions);
  ByInlineEnum v;
  v.degrees(-40.5f);
  ByInlineEnum_var r = object->echo_by_inline_enum(v);
  expect(r->_d() == ByInlineEnum::sunny && r->degrees() == -40.5f, "sunny");
  v.millimetres(7);
  r = object->echo_by_inline_enum(v);
  expect(r->millimetres() == 7, "rainy");
  ByBoolean gale;
  gale.yes("gale");
  v.gale(gale);
  r = object->echo_by_inline_enum(v);
  expect(r->_d() == ByInlineEnum::windy, "windy");
  expect_text(r->gale().yes(), "gale", "union in a union");
}
CHECK("unions.document") {
  OBJECT(Unions, of_unions);
  Document_var sent = sample_document();
  echoes(sent.in(), ECHO(echo_document), "recursive union");
}
CHECK("unions.reverse_by_shorts") {
  OBJECT(Unions, of_unions);
  ByShortSeq v;
  v.length(3);
  v[0].least(1);
  v[1].one(2.5);
  v[2].most("three");
  ByShortSeq_var r = object->reverse_by_shorts(v);
  expect(r->length() == 3 && r[1].one() == 2.5 && r[2].least() == 1, "reversed");
  expect_text(r[0].most(), "three", "most");
}
CHECK("unions.describe") {
  OBJECT(Unions, of_unions);
  ByBoolean v;
  v.yes("abc");
  CORBA::String_var r = object->describe(v);
  expect_text(r, "TRUE yes=abc", "described");
  v.no(7);
  r = object->describe(v);
  expect_text(r, "FALSE no=7", "described");
}
CHECK("unions.change") {
  OBJECT(Unions, of_unions);
  ByBoolean v;
  v.yes("four");
  ByColour_var other;
  object->change(v, other.out());
  expect(!v._d() && v.no() == 4, "changed");
  expect(other->_d() == blue && other->b().h == 4000000008u, "other");
  object->change(v, other.out());
  expect(v._d(), "changed back");
}

namespace {
bool is_wide(const std::string& kind) { return kind == "wchar" || kind == "wstring"; }

void make_kind(Peer& peer, const std::string& kind) {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any_var wanted = sample_any(kind), got = object->make(kind.c_str());
  expect(same_any(got, wanted), "the server's any of " + kind + " is another");
}
void check_kind(Peer& peer, const std::string& kind) {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any_var sent = sample_any(kind);
  expect(object->check(kind.c_str(), sent), "the server found our any of " + kind + " to be another");
}
void echo_kind(Peer& peer, const std::string& kind) {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any_var sent = sample_any(kind), got = object->echo_any(sent);
  expect(same_any(got, sent), "any of " + kind + " came back different");
}
void rebuild_kind(Peer& peer, const std::string& kind) {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any_var sent = sample_any(kind), ours = rebuilt_any(sent), got = object->rebuild(sent);
  expect(same_any(ours, sent), "DynAny makes another any of " + kind);
  expect(same_any(got, sent), "the server's DynAny makes another any of " + kind);
}
void type_of_kind(Peer& peer, const std::string& kind) {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any_var sent = sample_any(kind);
  CORBA::TypeCode_var got = object->type_of(sent), wanted = sent->type();
  expect(got->equal(wanted), "TypeCode of " + kind + " came back different");
}

}  // namespace

void register_dynamic() {
  const std::pair<const char*, void (*)(Peer&, const std::string&)> ways[] = {
      {"make", make_kind}, {"check", check_kind}, {"echo_any", echo_kind}, {"rebuild", rebuild_kind}, {"type_of", type_of_kind}};
  for (const auto& way : ways)
    for (const std::string& kind : any_kinds()) {
      const auto run = way.second;
      const std::string group = is_wide(kind) ? "wide." : "dynamic.";
      checks().push_back({group + way.first + "." + kind, [run, kind](Peer& peer) { run(peer, kind); }});
    }
  for (const std::string& name : typecode_names())
    checks().push_back({"dynamic.typecode." + name, [name](Peer& peer) {
                          OBJECT(Dynamic, of_dynamic);
                          CORBA::TypeCode_var ours = typecode_named(name), theirs = object->typecode_named(name.c_str());
                          expect(theirs->equal(ours), "the server's TypeCode is another");
                          expect(object->same_typecode(name.c_str(), ours), "the server found our TypeCode to be another");
                          CORBA::TypeCode_var echoed = object->echo_typecode(ours);
                          expect(echoed->equal(ours), "the TypeCode came back different");
                          CORBA::Any sent;
                          sent <<= ours.in();
                          CORBA::Any_var got = object->echo_any(sent);
                          CORBA::TypeCode_ptr held;
                          expect(got.in() >>= held, "no TypeCode in the any");
                          expect(held->equal(ours), "the TypeCode came back different in an any");
                        }});
}

CHECK("dynamic.reverse_anys") {
  OBJECT(Dynamic, of_dynamic);
  AnySeq v;
  v.length(3);
  v[0] <<= sample_padded();
  v[2] <<= "text";
  AnySeq_var r = object->reverse_anys(v);
  expect_equal(r->length(), 3u, "length");
  for (int i = 0; i < 3; i++) expect(same_any(r[i], v[2 - i]), "any");
}
CHECK("dynamic.any_inout") {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any v;
  v <<= sample_padded();
  CORBA::Any_var was;
  object->any_inout(v, was.out());
  CORBA::TypeCode_ptr type;
  expect(v >>= type, "a TypeCode in an any");
  expect(type->equal(_tc_Padded), "TypeCode");
  const Padded* padded;
  expect(was.in() >>= padded, "what the any was");
  expect_equal(padded->h, 4000000008u, "h");
}
// omniORB takes twice as long for each level of anys it unpacks: not deeper than 12.
CHECK("dynamic.nest.12") {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any_var r = object->nest(12);
  expect_equal(nesting_of(r), 12u, "depth");
}
CHECK("dynamic.nesting.12") {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any_var sent = nested_any(12);
  expect_equal(object->nesting(sent), 12u, "depth");
}
CHECK("dynamic.echo_any.chain200") {
  OBJECT(Dynamic, of_dynamic);
  Node_var node = chain(200);
  CORBA::Any sent;
  sent <<= node.in();
  CORBA::Any_var got = object->echo_any(sent);
  const Node* r;
  expect(got.in() >>= r, "a Node in the any");
  int depth = 1;
  for (; r->children.length(); r = &r->children[0]) depth++;
  expect_equal(depth, 200, "depth");
}
CHECK("dynamic.echo_any.1m") {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Any sent;
  sent <<= octets(1 << 20);
  CORBA::Any_var got = object->echo_any(sent);
  const OctetSeq* r;
  expect(got.in() >>= r, "octets in the any");
  expect(r->length() == 1 << 20 && (*r)[1000000] == 1000000 % 251, "octets");
}
