// Values that client and server both know.
#ifndef INTEROP_SAMPLES_HH
#define INTEROP_SAMPLES_HH

#include "Interop.hh"
#include <string>
#include <vector>

// Sets the ORB that samples need for comparing anys.
void use_orb(CORBA::ORB_ptr orb);
CORBA::ORB_ptr the_orb_in_use();

Interop::Padded sample_padded();
Interop::Outer* sample_outer();
// Values 1 to depth, from the root down, one child each.
Interop::Node* chain(CORBA::ULong depth);
Interop::Document* sample_document();
Interop::OctetSeq* octets(CORBA::ULong count);

// Every kind that sample_any knows.
const std::vector<std::string>& any_kinds();
// BAD_PARAM for a kind that is not there.
CORBA::Any* sample_any(const std::string& kind);
// The any taken apart with DynAny and put together again.
CORBA::Any* rebuilt_any(const CORBA::Any& v);
bool same_any(const CORBA::Any& a, const CORBA::Any& b);

// The types of module Interop that typecode_named knows.
const std::vector<std::string>& typecode_names();
CORBA::TypeCode_ptr typecode_named(const std::string& name);

// n anys around a long.
CORBA::Any* nested_any(CORBA::ULong depth);
CORBA::ULong nesting_of(const CORBA::Any& v);

// The UTF-16 code units of a wide string as omniORB holds it: one in each wchar.
std::vector<CORBA::UShort> units(const CORBA::WChar* v);
CORBA::WChar* wide(const std::vector<CORBA::UShort>& units);

template <class Seq> Seq* reversed(const Seq& v) {
  Seq* result = new Seq;
  const CORBA::ULong n = v.length();
  result->length(n);
  for (CORBA::ULong i = 0; i < n; i++) (*result)[i] = v[n - 1 - i];
  return result;
}

#endif
