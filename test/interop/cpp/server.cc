// Serves Interop::Root.
//   interop-server [--ior FILE] [--name ID.KIND/ID ...] [-ORB...]
// The object has the plain key "interop" (corbaloc::HOST:PORT/interop). Prints the IOR, then "ready", to standard
// output; --ior writes the IOR to a file too, --name binds it in the naming service of -ORBInitRef (one component,
// "id.kind"). Ends when standard input ends.
#include "samples.hh"
#include "servants.hh"
#include "values.hh"
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace {
class RootServant : public POA_Interop::Root {
 public:
  explicit RootServant(CORBA::ORB_ptr orb)
      : m_orb(CORBA::ORB::_duplicate(orb)),
        m_primitives(new_primitives()),
        m_texts(new_texts()),
        m_sequences(new_sequences()),
        m_constructed(new_constructed()),
        m_unions(new_unions()),
        m_dynamic(new_dynamic()),
        m_faults(new_faults()),
        m_attributes(new_attributes()),
        m_references(new_references(orb)),
        m_oneways(new_oneways()),
        m_parking(new_parking()),
        m_names(new_names()),
        m_mirror(new_mirror(orb)),
        m_values(new_values()) {
    Interop::Top_var top = m_references->as_top();
    m_moved = new_moved(top);
  }
  Interop::Primitives_ptr of_primitives() override { return Interop::Primitives::_duplicate(m_primitives); }
  Interop::Texts_ptr of_texts() override { return Interop::Texts::_duplicate(m_texts); }
  Interop::Sequences_ptr of_sequences() override { return Interop::Sequences::_duplicate(m_sequences); }
  Interop::Constructed_ptr of_constructed() override { return Interop::Constructed::_duplicate(m_constructed); }
  Interop::Unions_ptr of_unions() override { return Interop::Unions::_duplicate(m_unions); }
  Interop::Dynamic_ptr of_dynamic() override { return Interop::Dynamic::_duplicate(m_dynamic); }
  Interop::Faults_ptr of_faults() override { return Interop::Faults::_duplicate(m_faults); }
  Interop::Attributes_ptr of_attributes() override { return Interop::Attributes::_duplicate(m_attributes); }
  Interop::References_ptr of_references() override { return Interop::References::_duplicate(m_references); }
  Interop::Oneways_ptr of_oneways() override { return Interop::Oneways::_duplicate(m_oneways); }
  Interop::Parking_ptr of_parking() override { return Interop::Parking::_duplicate(m_parking); }
  CORBA::Object_ptr named(const char* name) override {
    if (std::string(name) == "names") return CORBA::Object::_duplicate(m_names);
    if (std::string(name) == "mirror") return CORBA::Object::_duplicate(m_mirror);
    if (std::string(name) == "moved") return CORBA::Object::_duplicate(m_moved);
    if (std::string(name) == "values") return CORBA::Object::_duplicate(m_values);
    if (std::string(name).rfind("poa.", 0) == 0) {
      Interop::Top_var top = m_references->as_top();
      return poa_named(name + 4, m_orb, top);
    }
    return CORBA::Object::_nil();
  }

 private:
  CORBA::ORB_var m_orb;
  Interop::Primitives_var m_primitives;
  Interop::Texts_var m_texts;
  Interop::Sequences_var m_sequences;
  Interop::Constructed_var m_constructed;
  Interop::Unions_var m_unions;
  Interop::Dynamic_var m_dynamic;
  Interop::Faults_var m_faults;
  Interop::Attributes_var m_attributes;
  Interop::References_var m_references;
  Interop::Oneways_var m_oneways;
  Interop::Parking_var m_parking;
  Interop::Names::Later_var m_names;
  CORBA::Object_var m_mirror;
  Values::Service_var m_values;
  Interop::Top_var m_moved;
};

RootServant* the_root = nullptr;

void bind(CORBA::ORB_ptr orb, const std::string& text, CORBA::Object_ptr object) {
  CORBA::Object_var found = orb->resolve_initial_references("NameService");
  CosNaming::NamingContextExt_var context = CosNaming::NamingContextExt::_narrow(found);
  if (CORBA::is_nil(context)) throw CORBA::INV_OBJREF();
  CosNaming::Name_var name = context->to_name(text.c_str());
  context->rebind(name, object);
}

int serve_until_end(int argc, char** argv) {
  CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
  use_orb(orb);
  register_values(orb);
  CORBA::Object_var object = orb->resolve_initial_references("RootPOA");
  PortableServer::POA_var root_poa = PortableServer::POA::_narrow(object);
  PortableServer::POAManager_var manager = root_poa->the_POAManager();
  manager->activate();

  // omniINSPOA gives its objects the plain keys that a corbaloc names.
  object = orb->resolve_initial_references("omniINSPOA");
  PortableServer::POA_var ins_poa = PortableServer::POA::_narrow(object);
  PortableServer::POAManager_var ins_manager = ins_poa->the_POAManager();
  ins_manager->activate();
  PortableServer::Servant_var<RootServant> root = new RootServant(orb);
  the_root = root.in();
  PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId("interop");
  ins_poa->activate_object_with_id(id, root);
  CORBA::Object_var reference = ins_poa->id_to_reference(id);
  CORBA::String_var ior = orb->object_to_string(reference);

  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--ior") {
      std::ofstream(argv[i + 1]) << ior.in() << "\n";
    } else if (option == "--name") {
      bind(orb, argv[i + 1], reference);
    } else {
      std::cerr << "interop-server: unknown option " << option << "\n";
      return 2;
    }
  }
  std::cout << ior.in() << "\nready" << std::endl;
  char octet;
  while (read(0, &octet, 1) > 0) {
  }
  // A parked call would keep an orderly shutdown waiting for ever.
  _exit(0);
}
}  // namespace

PortableServer::Servant root_servant() {
  the_root->_add_ref();
  return the_root;
}

int main(int argc, char** argv) {
  // omniORB reads a value within a value by a call within a call.
  omni_thread::stacksize(256 << 20);
  try {
    return serve_until_end(argc, argv);
  } catch (const CORBA::Exception& e) {
    std::cerr << "interop-server: " << e._name() << "\n";
    return 1;
  }
}
