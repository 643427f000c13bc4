// The servants of Interop.idl; what each operation does stands beside it in the IDL.
#ifndef INTEROP_SERVANTS_HH
#define INTEROP_SERVANTS_HH

#include "Interop.hh"
#include "Values.hh"
#include <string>

Interop::Primitives_ptr new_primitives();
Interop::Texts_ptr new_texts();
Interop::Sequences_ptr new_sequences();
Interop::Constructed_ptr new_constructed();
Interop::Unions_ptr new_unions();
Interop::Dynamic_ptr new_dynamic();
Interop::Faults_ptr new_faults();
Interop::Attributes_ptr new_attributes();
Interop::References_ptr new_references(CORBA::ORB_ptr orb);
Interop::Top_ptr new_moved(Interop::Top_ptr to);
Interop::Oneways_ptr new_oneways();
Interop::Parking_ptr new_parking();
Interop::Player_ptr new_player();
Interop::Names::Later_ptr new_names();
// The servant without a skeleton.
CORBA::Object_ptr new_mirror(CORBA::ORB_ptr orb);
Values::Service_ptr new_values();

// The objects "poa.…" of Root::named, without that prefix; nil for others.
CORBA::Object_ptr poa_named(const std::string& name, CORBA::ORB_ptr orb, Interop::Top_ptr top);
// The servant of the root, with a count for its new owner.
PortableServer::Servant root_servant();

// Throws the system exception of that name; BAD_PARAM where there is none.
void throw_system(const char* name, CORBA::ULong minor, CORBA::CompletionStatus completed);

// Activates a servant in the root POA, which then owns it.
template <class Servant> auto serve(Servant* servant) {
  auto reference = servant->_this();
  servant->_remove_ref();
  return reference;
}

#endif
