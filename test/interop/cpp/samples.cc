#include "samples.hh"
#include <omniORB4/dynAny.h>
#include <map>
#include <functional>

namespace {
CORBA::ORB_var the_orb;

template <class T> std::function<CORBA::Any*()> holding(T value) {
  return [value] {
    CORBA::Any* any = new CORBA::Any;
    *any <<= value;
    return any;
  };
}

template <class T> CORBA::Any* owning(T* value) {
  CORBA::Any* any = new CORBA::Any;
  *any <<= value;
  return any;
}

CORBA::Any* any_union() {
  Interop::ByShort* v = new Interop::ByShort;
  v->most("many");
  return owning(v);
}

CORBA::Any* any_alias() {
  Interop::Point point = {1.5, -0.0};
  CORBA::Any* any = new CORBA::Any;
  *any <<= point;
  any->type(Interop::_tc_Position);
  return any;
}

CORBA::Any* any_longs() {
  Interop::LongSeq* v = new Interop::LongSeq;
  v->length(3);
  (*v)[0] = 1;
  (*v)[1] = -2;
  (*v)[2] = 2147483647;
  return owning(v);
}

CORBA::Any* any_grid() {
  Interop::Grid grid = {{1, 2, 3}, {-4, -5, -6}};
  CORBA::Any* any = new CORBA::Any;
  *any <<= Interop::Grid_forany(grid);
  return any;
}

CORBA::Any* any_words() {
  Interop::StringSeq* v = new Interop::StringSeq;
  v->length(3);
  (*v)[0] = CORBA::string_dup("");
  (*v)[1] = CORBA::string_dup("one");
  (*v)[2] = CORBA::string_dup("caf\xe9");
  return owning(v);
}

const std::map<std::string, std::function<CORBA::Any*()>>& makers() {
  static const std::map<std::string, std::function<CORBA::Any*()>> all = {
      {"null", [] { return new CORBA::Any; }},
      {"short", holding<CORBA::Short>(-12345)},
      {"long", holding<CORBA::Long>(-2000000000)},
      {"ushort", holding<CORBA::UShort>(65535)},
      {"ulong", holding<CORBA::ULong>(4294967295u)},
      {"longlong", holding<CORBA::LongLong>(-9007199254740993LL)},
      {"ulonglong", holding<CORBA::ULongLong>(18446744073709551615ULL)},
      {"float", holding<CORBA::Float>(-0.25f)},
      {"double", holding<CORBA::Double>(6.02214076e23)},
      {"boolean", [] { CORBA::Any* a = new CORBA::Any; *a <<= CORBA::Any::from_boolean(1); return a; }},
      {"char", [] { CORBA::Any* a = new CORBA::Any; *a <<= CORBA::Any::from_char('Z'); return a; }},
      {"octet", [] { CORBA::Any* a = new CORBA::Any; *a <<= CORBA::Any::from_octet(255); return a; }},
      {"string", holding<const char*>("caf\xe9")},
      {"bounded", [] { CORBA::Any* a = new CORBA::Any; *a <<= CORBA::Any::from_string("brief", 8); return a; }},
      {"wchar", [] { CORBA::Any* a = new CORBA::Any; *a <<= CORBA::Any::from_wchar(0x20ac); return a; }},
      {"wstring", [] { CORBA::Any* a = new CORBA::Any; *a <<= CORBA::Any::from_wstring(wide({0xd83d, 0xde00, 'x'}), 0); return a; }},
      {"enum", holding<Interop::Colour>(Interop::blue)},
      {"struct", [] { CORBA::Any* a = new CORBA::Any; *a <<= sample_padded(); return a; }},
      {"nested", [] { return owning(sample_outer()); }},
      {"union", any_union},
      {"sequence", any_longs},
      {"strings", any_words},
      {"octets", [] { return owning(octets(1000)); }},
      {"array", any_grid},
      {"alias", any_alias},
      {"exception", [] { CORBA::Any* a = new CORBA::Any; *a <<= Interop::Refused(7, "no"); return a; }},
      {"typecode", [] { CORBA::Any* a = new CORBA::Any; *a <<= Interop::_tc_Padded; return a; }},
      {"any", [] { return nested_any(2); }},
      {"nil", [] { return owning(new Interop::Top_ptr(Interop::Top::_nil())); }},
      {"recursive", [] { return owning(chain(3)); }},
      {"document", [] { return owning(sample_document()); }},
  };
  return all;
}

CORBA::TypeCode_ptr value_typecode(CORBA::TypeCode_ptr base, bool recursive) {
  CORBA::ValueMemberSeq members;
  members.length(2);
  members[0].name = "count";
  members[0].type = CORBA::TypeCode::_duplicate(CORBA::_tc_long);
  members[0].access = CORBA::PUBLIC_MEMBER;
  members[1].name = "next";
  const char* id = recursive ? "IDL:test.orbweaver/Kinds/Chain:1.0" : "IDL:test.orbweaver/Kinds/Derived:1.0";
  members[1].type = recursive ? the_orb->create_recursive_tc(id) : CORBA::TypeCode::_duplicate(CORBA::_tc_wstring);
  members[1].access = CORBA::PRIVATE_MEMBER;
  const CORBA::ValueModifier modifier = recursive ? CORBA::VM_NONE : CORBA::VM_TRUNCATABLE;
  return the_orb->create_value_tc(id, recursive ? "Chain" : "Derived", modifier, base, members);
}

const std::map<std::string, CORBA::TypeCode_ptr>& typecodes() {
#define TYPE(name) {#name, Interop::_tc_##name}
  static const std::map<std::string, CORBA::TypeCode_ptr> all = {
      TYPE(OctetSeq), TYPE(StringSeq), TYPE(ShortList), TYPE(ShortName), TYPE(ShortWide), TYPE(ShortSeqSeq), TYPE(AnySeq),
      TYPE(Colour), TYPE(Point), TYPE(Position), TYPE(Padded), TYPE(Grid), TYPE(Cube), TYPE(Digest), TYPE(Words),
      TYPE(Triangle), TYPE(Outer), TYPE(Node), TYPE(Tree), TYPE(TreeSeq), TYPE(ByShort), TYPE(ByUnsignedShort),
      TYPE(ByLong), TYPE(ByUnsignedLong), TYPE(ByLongLong), TYPE(ByUnsignedLongLong), TYPE(ByChar), TYPE(ByBoolean),
      TYPE(OnlyTrue), TYPE(ByColour), TYPE(ColourOrElse), TYPE(OnlyBlue), TYPE(ByInlineEnum), TYPE(Document), TYPE(Empty),
      TYPE(Refused), TYPE(Awkward), TYPE(Primitives), TYPE(Bottom), TYPE(Stranger), TYPE(Holder), TYPE(LeftSeq),
      // One for each kind that omniORB has.
      {"kind_null", CORBA::_tc_null}, {"kind_void", CORBA::_tc_void}, {"kind_short", CORBA::_tc_short},
      {"kind_long", CORBA::_tc_long}, {"kind_ushort", CORBA::_tc_ushort}, {"kind_ulong", CORBA::_tc_ulong},
      {"kind_float", CORBA::_tc_float}, {"kind_double", CORBA::_tc_double}, {"kind_boolean", CORBA::_tc_boolean},
      {"kind_char", CORBA::_tc_char}, {"kind_octet", CORBA::_tc_octet}, {"kind_any", CORBA::_tc_any},
      {"kind_TypeCode", CORBA::_tc_TypeCode}, {"kind_Principal", CORBA::_tc_Principal},
      {"kind_objref", CORBA::_tc_Object}, {"kind_longlong", CORBA::_tc_longlong},
      {"kind_ulonglong", CORBA::_tc_ulonglong}, {"kind_longdouble", CORBA::_tc_longdouble},
      {"kind_wchar", CORBA::_tc_wchar}, {"kind_string", CORBA::_tc_string}, {"kind_wstring", CORBA::_tc_wstring},
      {"kind_fixed", the_orb->create_fixed_tc(31, 4)},
      {"kind_value", value_typecode(CORBA::_tc_null, true)},
      {"kind_value_derived", value_typecode(value_typecode(CORBA::_tc_null, true), false)},
      {"kind_value_box", the_orb->create_value_box_tc("IDL:test.orbweaver/Kinds/Box:1.0", "Box", Interop::_tc_Padded)},
      {"compact_Padded", Interop::_tc_Padded->get_compact_typecode()},
      {"compact_Outer", Interop::_tc_Outer->get_compact_typecode()},
      {"compact_Tree", Interop::_tc_Tree->get_compact_typecode()},
      {"compact_ByColour", Interop::_tc_ByColour->get_compact_typecode()},
  };
#undef TYPE
  return all;
}

template <class Map> std::vector<std::string> keys(const Map& map) {
  std::vector<std::string> names;
  for (const auto& entry : map) names.push_back(entry.first);
  return names;
}
}  // namespace

CORBA::ORB_ptr the_orb_in_use() { return the_orb; }
void use_orb(CORBA::ORB_ptr orb) { the_orb = CORBA::ORB::_duplicate(orb); }

Interop::Padded sample_padded() {
  Interop::Padded v = {};
  v.a = 1;
  v.b = -2.5;
  v.c = true;
  v.d = -4000000000000000004LL;
  v.e = 'e';
  v.f = -6;
  v.g = 7;
  v.h = 4000000008u;
  v.i = 9;
  v.j = 10.25f;
  v.k = 60011;
  v.l = 18000000000000000012ULL;
  v.m = 13;
  return v;
}

Interop::Outer* sample_outer() {
  Interop::Outer* v = new Interop::Outer;
  v->first.label = CORBA::string_dup("first");
  v->second.label = CORBA::string_dup("");
  for (int i = 0; i < 4; i++) {
    v->first.counts[i] = i;
    v->second.counts[i] = -i;
  }
  for (int i = 0; i < 6; i++) v->mac[i] = 250 + i;
  v->more.length(2);
  v->more[0] = v->first;
  v->more[1].label = CORBA::string_dup("third");
  for (int i = 0; i < 4; i++) v->more[1].counts[i] = 1000000 * i;
  v->fit = Interop::Outer::large;
  v->where.x = 0.1;
  v->where.y = -1e300;
  v->nick = CORBA::string_dup("12345678");
  v->some.length(4);
  for (int i = 0; i < 4; i++) v->some[i] = 1 << i;
  return v;
}

Interop::Node* chain(CORBA::ULong depth) {
  Interop::Node* root = new Interop::Node;
  Interop::Node* at = root;
  for (CORBA::ULong level = 1; level <= depth; level++) {
    at->value = level;
    if (level == depth) break;
    at->children.length(1);
    at = &at->children[0];
  }
  return root;
}

Interop::Document* sample_document() {
  Interop::Document number, text, empty, inner;
  number.number(-0.5);
  text.text("text");
  empty._d(4);
  Interop::Document::_list_seq items;
  items.length(2);
  items[0] = number;
  items[1] = text;
  inner.list(items);
  items.length(3);
  items[1] = inner;
  items[2] = empty;
  Interop::Document* all = new Interop::Document;
  all->list(items);
  return all;
}

Interop::OctetSeq* octets(CORBA::ULong count) {
  Interop::OctetSeq* v = new Interop::OctetSeq;
  v->length(count);
  for (CORBA::ULong i = 0; i < count; i++) (*v)[i] = i % 251;
  return v;
}

const std::vector<std::string>& any_kinds() {
  static const std::vector<std::string> names = keys(makers());
  return names;
}

CORBA::Any* sample_any(const std::string& kind) {
  const auto found = makers().find(kind);
  if (found == makers().end()) throw CORBA::BAD_PARAM(0, CORBA::COMPLETED_NO);
  return found->second();
}

bool same_any(const CORBA::Any& a, const CORBA::Any& b) {
  CORBA::TypeCode_var type_a = a.type(), type_b = b.type();
  if (!type_a->equal(type_b)) return false;
  if (type_a->kind() == CORBA::tk_null) return true;
  if (type_a->kind() == CORBA::tk_wstring) {
    // DynAny keeps the encoding that a string came in, and compares that.
    const CORBA::WChar *wide_a, *wide_b;
    return (a >>= CORBA::Any::to_wstring(wide_a, 0)) && (b >>= CORBA::Any::to_wstring(wide_b, 0)) &&
           units(wide_a) == units(wide_b);
  }
  CORBA::Object_var obj = the_orb->resolve_initial_references("DynAnyFactory");
  DynamicAny::DynAnyFactory_var factory = DynamicAny::DynAnyFactory::_narrow(obj);
  DynamicAny::DynAny_var dyn_a = factory->create_dyn_any(a), dyn_b = factory->create_dyn_any(b);
  const bool same = dyn_a->equal(dyn_b);
  dyn_a->destroy();
  dyn_b->destroy();
  return same;
}

const std::vector<std::string>& typecode_names() {
  static const std::vector<std::string> names = keys(typecodes());
  return names;
}

CORBA::TypeCode_ptr typecode_named(const std::string& name) {
  const auto found = typecodes().find(name);
  if (found == typecodes().end()) throw CORBA::BAD_PARAM(0, CORBA::COMPLETED_NO);
  return CORBA::TypeCode::_duplicate(found->second);
}

CORBA::Any* nested_any(CORBA::ULong depth) {
  CORBA::Any_var v = new CORBA::Any;
  v.inout() <<= static_cast<CORBA::Long>(42);
  for (CORBA::ULong i = 0; i < depth; i++) {
    CORBA::Any_var outer = new CORBA::Any;
    outer.inout() <<= v.in();
    v = outer._retn();
  }
  return v._retn();
}

CORBA::ULong nesting_of(const CORBA::Any& v) {
  CORBA::ULong depth = 0;
  const CORBA::Any* at = &v;
  const CORBA::Any* inner;
  while (*at >>= inner) {
    at = inner;
    depth++;
  }
  CORBA::Long innermost;
  if (!(*at >>= innermost) || innermost != 42) throw CORBA::BAD_PARAM(0, CORBA::COMPLETED_NO);
  return depth;
}

std::vector<CORBA::UShort> units(const CORBA::WChar* v) {
  std::vector<CORBA::UShort> result;
  for (; *v; v++) result.push_back(static_cast<CORBA::UShort>(*v));
  return result;
}

CORBA::WChar* wide(const std::vector<CORBA::UShort>& units) {
  CORBA::WChar* v = CORBA::wstring_alloc(units.size());
  for (size_t i = 0; i < units.size(); i++) v[i] = units[i];
  v[units.size()] = 0;
  return v;
}
