// What omniORB's stubs of the Interface Repository read of the one behind the server's objects.
// omniORB declares its stubs of the repository only then.
#define ENABLE_CLIENT_IR_SUPPORT
#include "check.hh"
#include <set>

using namespace Interop;

namespace {
CORBA::InterfaceDef_ptr interface_of(CORBA::Object_ptr object) {
  CORBA::InterfaceDef_var found = object->_get_interface();
  expect(!CORBA::is_nil(found), "_get_interface gave nil");
  return found._retn();
}

CORBA::TypeCode_ptr type_of(CORBA::Repository_ptr repository, const char* id) {
  CORBA::Contained_var found = repository->lookup_id(id);
  expect(!CORBA::is_nil(found), std::string("lookup_id ") + id);
  CORBA::IDLType_var type = CORBA::IDLType::_narrow(found);
  expect(!CORBA::is_nil(type), std::string("no IDLType: ") + id);
  return type->type();
}
}  // namespace

CHECK("ifr.get_interface") {
  CORBA::InterfaceDef_var found = interface_of(peer.root);
  CORBA::String_var id = found->id();
  expect_text(id, _tc_Root->id(), "id");
  expect_equal(found->def_kind(), CORBA::dk_Interface, "kind");
  expect(found->is_a("IDL:omg.org/CORBA/Object:1.0"), "is_a Object");
  OBJECT(Faults, of_faults);
  CORBA::InterfaceDef_var faults = interface_of(object);
  CORBA::String_var name = faults->absolute_name();
  expect_text(name, "::Interop::Faults", "absolute_name");
}
CHECK("ifr.describe_interface") {
  OBJECT(Faults, of_faults);
  CORBA::InterfaceDef_var found = interface_of(object);
  CORBA::InterfaceDef::FullInterfaceDescription_var all = found->describe_interface();
  expect(all->type->equal(_tc_Faults), "type");
  for (CORBA::ULong i = 0; i < all->operations.length(); i++) {
    const CORBA::OperationDescription& operation = all->operations[i];
    if (std::string("raise_refused") != operation.name.in()) continue;
    expect_equal(operation.parameters.length(), 2u, "parameters");
    expect(operation.parameters[0].type->equal(CORBA::_tc_long), "type of the first parameter");
    expect_equal(operation.parameters[1].mode, CORBA::PARAM_IN, "mode of the second parameter");
    expect_equal(operation.exceptions.length(), 2u, "exceptions");
    expect(operation.exceptions[0].type->equal(_tc_Empty), "type of the first exception");
    expect(operation.exceptions[1].type->equal(_tc_Refused), "type of the second exception");
    return;
  }
  throw Failure("raise_refused is not described");
}
CHECK("ifr.types") {
  CORBA::InterfaceDef_var found = interface_of(peer.root);
  CORBA::Repository_var repository = found->containing_repository();
  const CORBA::TypeCode_ptr types[] = {_tc_Padded, _tc_Colour, _tc_ByColour, _tc_Node, _tc_Tree, _tc_Grid,
                                       _tc_Root,   _tc_Words,  _tc_Digest,   _tc_Outer};
  for (const CORBA::TypeCode_ptr type : types) {
    CORBA::TypeCode_var there = type_of(repository, type->id());
    expect(there->equal(type), std::string("the type of ") + type->id());
  }
}
CHECK("ifr.contents") {
  CORBA::InterfaceDef_var found = interface_of(peer.root);
  CORBA::Repository_var repository = found->containing_repository();
  CORBA::Contained_var contained = repository->lookup("Interop");
  CORBA::ModuleDef_var module = CORBA::ModuleDef::_narrow(contained);
  CORBA::ContainedSeq_var all = module->contents(CORBA::dk_Interface, true);
  std::set<std::string> names;
  for (CORBA::ULong i = 0; i < all->length(); i++) {
    CORBA::String_var name = all[i]->name();
    names.insert(name.in());
  }
  expect(names.count("Root") == 1 && names.count("Faults") == 1, "Root and Faults");
  CORBA::Container::DescriptionSeq_var described = module->describe_contents(CORBA::dk_Exception, true, -1);
  expect(described->length() > 0, "exceptions");
  const CORBA::ExceptionDescription* exception;
  expect(described[0].value >>= exception, "an ExceptionDescription");
}
CHECK("ifr.unchangeable") {
  CORBA::InterfaceDef_var found = interface_of(peer.root);
  expect_throw<CORBA::NO_PERMISSION>("destroy", [&] { found->destroy(); });
}
