// A servant without a skeleton. It is told a type T by `void learn(in CORBA::TypeCode type)`, and serves then:
//   T echo(in T v);   T turn(inout T a, out T b);   void refuse(in T v) raises (Interop::Refused);
#include "servants.hh"
#include <string>

namespace {
class MirrorServant : public PortableServer::DynamicImplementation {
 public:
  explicit MirrorServant(CORBA::ORB_ptr orb)
      : m_orb(CORBA::ORB::_duplicate(orb)), m_type(CORBA::TypeCode::_duplicate(CORBA::_tc_long)) {}

  void invoke(CORBA::ServerRequest_ptr request) override {
    const std::string operation = request->operation();
    CORBA::NVList_ptr list;
    m_orb->create_list(0, list);
    if (operation == "learn") {
      expect(list, CORBA::_tc_TypeCode, CORBA::ARG_IN);
      request->arguments(list);
      CORBA::TypeCode_ptr type;
      if (!(*list->item(0)->value() >>= type)) throw CORBA::BAD_PARAM(0, CORBA::COMPLETED_NO);
      m_type = CORBA::TypeCode::_duplicate(type);
    } else if (operation == "echo") {
      expect(list, m_type, CORBA::ARG_IN);
      request->arguments(list);
      request->set_result(*list->item(0)->value());
    } else if (operation == "turn") {
      expect(list, m_type, CORBA::ARG_INOUT);
      expect(list, m_type, CORBA::ARG_OUT);
      request->arguments(list);
      *list->item(1)->value() = *list->item(0)->value();
      request->set_result(*list->item(0)->value());
    } else if (operation == "refuse") {
      expect(list, m_type, CORBA::ARG_IN);
      request->arguments(list);
      CORBA::Any refused;
      refused <<= Interop::Refused(7, "no");
      request->set_exception(refused);
    } else {
      CORBA::release(list);
      throw CORBA::BAD_OPERATION(0, CORBA::COMPLETED_NO);
    }
  }

  char* _primary_interface(const PortableServer::ObjectId&, PortableServer::POA_ptr) override {
    return CORBA::string_dup("IDL:test.orbweaver/Interop/Mirror:1.0");
  }

 private:
  static void expect(CORBA::NVList_ptr list, CORBA::TypeCode_ptr type, CORBA::Flags flags) {
    CORBA::Any v;
    v.replace(type, nullptr);
    list->add_value("", v, flags);
  }

  CORBA::ORB_var m_orb;
  CORBA::TypeCode_var m_type;
};
}  // namespace

CORBA::Object_ptr new_mirror(CORBA::ORB_ptr orb) {
  CORBA::Object_var object = orb->resolve_initial_references("RootPOA");
  PortableServer::POA_var poa = PortableServer::POA::_narrow(object);
  PortableServer::Servant_var<MirrorServant> servant = new MirrorServant(orb);
  PortableServer::ObjectId_var id = poa->activate_object(servant);
  return poa->id_to_reference(id);
}
