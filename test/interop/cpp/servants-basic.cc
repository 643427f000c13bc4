#include "servants.hh"
#include "samples.hh"
#include <algorithm>
#include <cstring>
#include <limits>

namespace {
using namespace Interop;
using CORBA::string_dup;

class PrimitivesServant : public POA_Interop::Primitives {
 public:
  ConstantSet* constants() override {
    ConstantSet* v = new ConstantSet;
    v->short_least = SHORT_LEAST;
    v->unsigned_short_most = UNSIGNED_SHORT_MOST;
    v->long_least = LONG_LEAST;
    v->unsigned_long_most = UNSIGNED_LONG_MOST;
    v->long_long_least = LONG_LONG_LEAST;
    v->unsigned_long_long_most = UNSIGNED_LONG_LONG_MOST;
    v->mask = MASK;
    v->expression = EXPRESSION;
    v->quarter = QUARTER;
    v->product = PRODUCT;
    v->yes = YES;
    v->e_acute_code = static_cast<CORBA::Octet>(E_ACUTE);
    v->quoted = string_dup(QUOTED);
    v->bound = BOUND;
    v->favourite = FAVOURITE;
    v->of_interface = Interop::Primitives::OF_INTERFACE;
    return v;
  }
  void ping() override {}
  CORBA::Octet flip_octet(CORBA::Octet v) override { return ~v; }
  CORBA::Short flip_short(CORBA::Short v) override { return ~v; }
  CORBA::UShort flip_unsigned_short(CORBA::UShort v) override { return ~v; }
  CORBA::Long flip_long(CORBA::Long v) override { return ~v; }
  CORBA::ULong flip_unsigned_long(CORBA::ULong v) override { return ~v; }
  CORBA::LongLong flip_long_long(CORBA::LongLong v) override { return ~v; }
  CORBA::ULongLong flip_unsigned_long_long(CORBA::ULongLong v) override { return ~v; }
  CORBA::Boolean negate(CORBA::Boolean v) override { return !v; }
  CORBA::Float echo_float(CORBA::Float v) override { return v; }
  CORBA::Double echo_double(CORBA::Double v) override { return v; }
  CORBA::ULong float_bits(CORBA::Float v) override { return bits<CORBA::ULong>(v); }
  CORBA::ULongLong double_bits(CORBA::Double v) override { return bits<CORBA::ULongLong>(v); }
  CORBA::Float float_of(CORBA::ULong v) override { return bits<CORBA::Float>(v); }
  CORBA::Double double_of(CORBA::ULongLong v) override { return bits<CORBA::Double>(v); }
  CORBA::Char echo_char(CORBA::Char v) override { return v; }
  CORBA::Octet char_code(CORBA::Char v) override { return static_cast<CORBA::Octet>(v); }

  CORBA::Long mixed(CORBA::Long a, CORBA::LongLong& b, CORBA::Double& c, CORBA::Boolean& d, CORBA::Octet& e,
                    CORBA::Char f) override {
    b = ~b;
    c = a + 0.5;
    d = !d;
    e = static_cast<CORBA::Octet>(f);
    return a;
  }
  void all_inout(CORBA::Octet& o, CORBA::Short& s, CORBA::UShort& us, CORBA::Long& l, CORBA::ULong& ul, CORBA::LongLong& ll,
                 CORBA::ULongLong& ull, CORBA::Float&, CORBA::Double&, CORBA::Char&, CORBA::Boolean&) override {
    o = ~o;
    s = ~s;
    us = ~us;
    l = ~l;
    ul = ~ul;
    ll = ~ll;
    ull = ~ull;
  }
  void all_out(CORBA::Octet& o, CORBA::Short& s, CORBA::UShort& us, CORBA::Long& l, CORBA::ULong& ul, CORBA::LongLong& ll,
               CORBA::ULongLong& ull, CORBA::Float& f, CORBA::Double& d, CORBA::Char& c, CORBA::Boolean& b) override {
    most(o);
    most(s);
    most(us);
    most(l);
    most(ul);
    most(ll);
    most(ull);
    most(f);
    most(d);
    c = 127;
    b = true;
  }

 private:
  template <class To, class From> static To bits(From v) {
    static_assert(sizeof(To) == sizeof(From), "as many bits");
    To result;
    std::memcpy(&result, &v, sizeof result);
    return result;
  }
  template <class T> static void most(T& v) { v = std::numeric_limits<T>::max(); }
};

class TextsServant : public POA_Interop::Texts {
 public:
  char* echo_string(const char* v) override { return string_dup(v); }
  CORBA::ULong string_length(const char* v) override { return std::strlen(v); }
  char* make_string(CORBA::ULong n, CORBA::Char c) override { return string_dup(std::string(n, c).c_str()); }
  char* echo_short_name(const char* v) override { return string_dup(v); }
  void turn(char*& v, CORBA::String_out upper) override {
    std::string text = v;
    std::reverse(text.begin(), text.end());
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
    upper = string_dup(text.c_str());
    std::reverse(v, v + std::strlen(v));
  }

  CORBA::WChar echo_wchar(CORBA::WChar v) override { return v; }
  CORBA::UShort wchar_code(CORBA::WChar v) override { return v; }
  CORBA::WChar* echo_wstring(const CORBA::WChar* v) override { return CORBA::wstring_dup(v); }
  CORBA::ULong wstring_length(const CORBA::WChar* v) override { return units(v).size(); }
  UnsignedShortSeq* wstring_units(const CORBA::WChar* v) override {
    const std::vector<CORBA::UShort> found = units(v);
    UnsignedShortSeq* result = new UnsignedShortSeq;
    result->length(found.size());
    std::copy(found.begin(), found.end(), result->get_buffer());
    return result;
  }
  CORBA::WChar* make_wstring(const UnsignedShortSeq& v) override {
    return wide(std::vector<CORBA::UShort>(v.get_buffer(), v.get_buffer() + v.length()));
  }
  CORBA::WChar* echo_short_wide(const CORBA::WChar* v) override { return CORBA::wstring_dup(v); }
  void swap_wide(CORBA::WChar*& a, CORBA::WChar*& b) override { std::swap(a, b); }
  WcharSeq* reverse_wchars(const WcharSeq& v) override { return reversed(v); }
  WstringSeq* reverse_wstrings(const WstringSeq& v) override { return reversed(v); }
};

class SequencesServant : public POA_Interop::Sequences {
 public:
  OctetSeq* echo_octets(const OctetSeq& v) override { return new OctetSeq(v); }
  OctetSeq* make_octets(CORBA::ULong n) override { return octets(n); }
  CORBA::ULongLong sum_octets(const OctetSeq& v) override {
    CORBA::ULongLong sum = 0;
    for (CORBA::ULong i = 0; i < v.length(); i++) sum += v[i];
    return sum;
  }
  void double_octets(OctetSeq& v, OctetSeq_out copy) override {
    copy = new OctetSeq(v);
    const CORBA::ULong n = v.length();
    v.length(2 * n);
    std::copy_n(v.get_buffer(), n, v.get_buffer() + n);
  }
  ShortOctets* echo_short_octets(const ShortOctets& v) override { return new ShortOctets(v); }
  BooleanSeq* reverse_booleans(const BooleanSeq& v) override { return reversed(v); }
  CharSeq* reverse_chars(const CharSeq& v) override { return reversed(v); }
  ShortSeq* reverse_shorts(const ShortSeq& v) override { return reversed(v); }
  UnsignedShortSeq* reverse_unsigned_shorts(const UnsignedShortSeq& v) override { return reversed(v); }
  LongSeq* reverse_longs(const LongSeq& v) override { return reversed(v); }
  UnsignedLongSeq* reverse_unsigned_longs(const UnsignedLongSeq& v) override { return reversed(v); }
  LongLongSeq* reverse_long_longs(const LongLongSeq& v) override { return reversed(v); }
  UnsignedLongLongSeq* reverse_unsigned_long_longs(const UnsignedLongLongSeq& v) override { return reversed(v); }
  FloatSeq* reverse_floats(const FloatSeq& v) override { return reversed(v); }
  DoubleSeq* reverse_doubles(const DoubleSeq& v) override { return reversed(v); }
  StringSeq* reverse_strings(const StringSeq& v) override { return reversed(v); }
  ShortSeqSeq* reverse_nested(const ShortSeqSeq& v) override { return reversed(v); }
  ColourSeq* reverse_colours(const ColourSeq& v) override { return reversed(v); }
  ShortList* reverse_short_list(const ShortList& v) override { return reversed(v); }
  NamePair* reverse_pair(const NamePair& v) override { return reversed(v); }
};
}  // namespace

Interop::Primitives_ptr new_primitives() { return serve(new PrimitivesServant); }
Interop::Texts_ptr new_texts() { return serve(new TextsServant); }
Interop::Sequences_ptr new_sequences() { return serve(new SequencesServant); }
