#include "servants.hh"
#include "samples.hh"
#include <algorithm>
#include <cstring>

namespace {
using namespace Interop;

class ConstructedServant : public POA_Interop::Constructed {
 public:
  Colour next_colour(Colour v) override { return static_cast<Colour>((v + 1) % 3); }
  Point mirror(const Point& v) override { return Point{v.y, v.x}; }
  PointSeq* reverse_points(const PointSeq& v) override { return reversed(v); }
  Padded flip_padded(const Padded& v) override {
    Padded r = v;
    r.a = ~v.a;
    r.c = !v.c;
    r.d = ~v.d;
    r.f = ~v.f;
    r.g = ~v.g;
    r.h = ~v.h;
    r.i = ~v.i;
    r.k = ~v.k;
    r.l = ~v.l;
    r.m = ~v.m;
    return r;
  }
  PaddedSeq* reverse_padded(const PaddedSeq& v) override { return reversed(v); }
  Outer* swap_outer(const Outer& v) override {
    Outer* r = new Outer(v);
    r->first = v.second;
    r->second = v.first;
    return r;
  }
  void outer_inout(Outer& v, Outer::Inner_out second, Position& where) override {
    second = new Outer::Inner(v.second);
    where = v.where;
    v.second = v.first;
  }
  Node* echo_node(const Node& v) override { return new Node(v); }
  CORBA::ULong node_depth(const Node& v) override {
    CORBA::ULong deepest = 0;
    for (CORBA::ULong i = 0; i < v.children.length(); i++) deepest = std::max(deepest, node_depth(v.children[i]));
    return deepest + 1;
  }
  Node* make_chain(CORBA::ULong depth) override { return chain(depth); }
  Tree* echo_tree(const Tree& v) override { return new Tree(v); }
  Grid_slice* transpose(const Grid v) override {
    Grid_slice* r = Grid_alloc();
    for (int i = 0; i < 3; i++) {
      r[0][i] = v[1][i];
      r[1][i] = v[0][i];
    }
    return r;
  }
  Cube_slice* echo_cube(const Cube v) override { return Cube_dup(v); }
  Digest_slice* flip_digest(const Digest v) override {
    Digest_slice* r = Digest_alloc();
    for (int i = 0; i < 16; i++) r[i] = ~v[i];
    return r;
  }
  Words_slice* reverse_words(const Words v) override {
    Words_slice* r = Words_alloc();
    for (int i = 0; i < 3; i++) r[i] = v[2 - i];
    return r;
  }
  Triangle_slice* reverse_triangle(const Triangle v) override {
    Triangle_slice* r = Triangle_alloc();
    for (int i = 0; i < 3; i++) r[i] = v[2 - i];
    return r;
  }
  ShortsByTwo_slice* swap_shorts(const ShortsByTwo v) override {
    ShortsByTwo_slice* r = ShortsByTwo_alloc();
    r[0] = v[1];
    r[1] = v[0];
    return r;
  }
  DigestSeq* reverse_digests(const DigestSeq& v) override {
    DigestSeq* r = new DigestSeq;
    r->length(v.length());
    for (CORBA::ULong i = 0; i < v.length(); i++) Digest_copy((*r)[i], v[v.length() - 1 - i]);
    return r;
  }
  Flags_slice* negate_flags(const Flags v) override {
    Flags_slice* r = Flags_alloc();
    for (int i = 0; i < 9; i++) r[i] = !v[i];
    return r;
  }
  Letters_slice* reverse_letters(const Letters v) override {
    Letters_slice* r = Letters_alloc();
    for (int i = 0; i < 5; i++) r[i] = v[4 - i];
    return r;
  }
  Palette_slice* echo_palette(const Palette v) override { return Palette_dup(v); }
  void arrays_inout(Grid g, Digest d, Words w) override {
    for (int i = 0; i < 3; i++) std::swap(g[0][i], g[1][i]);
    for (int i = 0; i < 16; i++) d[i] = i;
    CORBA::String_var first = CORBA::string_dup(w[0]);
    w[0] = w[2];
    w[2] = first;
  }
};

class UnionsServant : public POA_Interop::Unions {
 public:
  ByShort* echo_by_short(const ByShort& v) override { return new ByShort(v); }
  ByUnsignedShort* echo_by_unsigned_short(const ByUnsignedShort& v) override { return new ByUnsignedShort(v); }
  ByLong echo_by_long(const ByLong& v) override { return v; }
  ByUnsignedLong* echo_by_unsigned_long(const ByUnsignedLong& v) override { return new ByUnsignedLong(v); }
  ByLongLong* echo_by_long_long(const ByLongLong& v) override { return new ByLongLong(v); }
  ByUnsignedLongLong echo_by_unsigned_long_long(const ByUnsignedLongLong& v) override { return v; }
  ByChar* echo_by_char(const ByChar& v) override { return new ByChar(v); }
  ByBoolean* echo_by_boolean(const ByBoolean& v) override { return new ByBoolean(v); }
  OnlyTrue* echo_only_true(const OnlyTrue& v) override { return new OnlyTrue(v); }
  ByColour* echo_by_colour(const ByColour& v) override { return new ByColour(v); }
  ColourOrElse* echo_colour_or_else(const ColourOrElse& v) override { return new ColourOrElse(v); }
  OnlyBlue echo_only_blue(const OnlyBlue& v) override { return v; }
  ByInlineEnum* echo_by_inline_enum(const ByInlineEnum& v) override { return new ByInlineEnum(v); }
  Document* echo_document(const Document& v) override { return new Document(v); }
  ByShortSeq* reverse_by_shorts(const ByShortSeq& v) override { return reversed(v); }
  char* describe(const ByBoolean& v) override {
    const std::string text = v._d() ? std::string("TRUE yes=") + v.yes() : "FALSE no=" + std::to_string(v.no());
    return CORBA::string_dup(text.c_str());
  }
  void change(ByBoolean& v, ByColour_out other) override {
    if (v._d())
      v.no(std::strlen(v.yes()));
    else
      v.yes("x");
    other = new ByColour;
    other->b(sample_padded());
  }
};

class DynamicServant : public POA_Interop::Dynamic {
 public:
  CORBA::Any* echo_any(const CORBA::Any& v) override { return new CORBA::Any(v); }
  CORBA::Any* rebuild(const CORBA::Any& v) override { return rebuilt_any(v); }
  CORBA::TypeCode_ptr type_of(const CORBA::Any& v) override { return v.type(); }
  CORBA::Any* make(const char* kind) override { return sample_any(kind); }
  CORBA::Boolean check(const char* kind, const CORBA::Any& v) override {
    CORBA::Any_var expected = sample_any(kind);
    return same_any(expected, v);
  }
  AnySeq* reverse_anys(const AnySeq& v) override { return reversed(v); }
  void any_inout(CORBA::Any& v, CORBA::Any_OUT_arg was) override {
    was = new CORBA::Any(v);
    CORBA::TypeCode_var type = v.type();
    v <<= type.in();
  }
  CORBA::Any* nest(CORBA::ULong depth) override { return nested_any(depth); }
  CORBA::ULong nesting(const CORBA::Any& v) override { return nesting_of(v); }
  CORBA::TypeCode_ptr echo_typecode(CORBA::TypeCode_ptr v) override { return CORBA::TypeCode::_duplicate(v); }
  CORBA::TypeCode_ptr typecode_named(const char* name) override { return ::typecode_named(name); }
  CORBA::Boolean same_typecode(const char* name, CORBA::TypeCode_ptr v) override {
    CORBA::TypeCode_var expected = ::typecode_named(name);
    return expected->equal(v);
  }
};
}  // namespace

Interop::Constructed_ptr new_constructed() { return serve(new ConstructedServant); }
Interop::Unions_ptr new_unions() { return serve(new UnionsServant); }
Interop::Dynamic_ptr new_dynamic() { return serve(new DynamicServant); }
