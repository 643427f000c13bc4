// Calls and is called back, over connections of every kind.
//   bounce serve [-ORB...]
//     serves one Interop::Player; prints its IOR, then "ready"; ends when standard input ends
//   bounce call --address URI [--depth N] [--times N] [--pause MS] [--step 1] [-ORB...]
//     calls bounce with a Player of its own; one line a call, "bounced N" or "ended in EXCEPTION"; with --step each
//     call but the first waits for a line of standard input
// The players live in a POA whose connections may be used both ways, where the -ORB options allow it.
#include "Interop.hh"
#include <iostream>
#include <omniORB4/BiDirPolicy.h>
#include <sstream>
#include <string>
#include <unistd.h>

namespace {
class PlayerServant : public POA_Interop::Player {
 public:
  explicit PlayerServant(PortableServer::POA_ptr poa) : m_poa(PortableServer::POA::_duplicate(poa)) {}
  CORBA::Long bounce(Interop::Player_ptr other, CORBA::Long depth) override {
    if (depth <= 0) return 0;
    CORBA::Object_var object = m_poa->servant_to_reference(this);
    Interop::Player_var me = Interop::Player::_narrow(object);
    return 1 + other->bounce(me, depth - 1);
  }

 private:
  PortableServer::POA_var m_poa;
};

Interop::Player_ptr new_player(CORBA::ORB_ptr orb) {
  CORBA::Object_var object = orb->resolve_initial_references("RootPOA");
  PortableServer::POA_var root = PortableServer::POA::_narrow(object);
  PortableServer::POAManager_var manager = root->the_POAManager();
  CORBA::Any both;
  both <<= BiDirPolicy::BOTH;
  CORBA::PolicyList policies;
  policies.length(1);
  policies[0] = orb->create_policy(BiDirPolicy::BIDIRECTIONAL_POLICY_TYPE, both);
  PortableServer::POA_var poa = root->create_POA("bidir", manager, policies);
  manager->activate();
  PortableServer::Servant_var<PlayerServant> player = new PlayerServant(poa);
  PortableServer::ObjectId_var id = poa->activate_object(player);
  object = poa->id_to_reference(id);
  return Interop::Player::_narrow(object);
}

std::string describe(const CORBA::Exception& e) {
  std::ostringstream text;
  text << e._name();
  const CORBA::SystemException* system = CORBA::SystemException::_downcast(&e);
  if (system) {
    static const char* const completions[] = {"COMPLETED_YES", "COMPLETED_NO", "COMPLETED_MAYBE"};
    text << " minor 0x" << std::hex << system->minor() << " " << completions[system->completed()];
  }
  return text.str();
}

int serve(CORBA::ORB_ptr orb) {
  Interop::Player_var player = new_player(orb);
  CORBA::String_var ior = orb->object_to_string(player);
  std::cout << ior.in() << "\nready" << std::endl;
  char octet;
  while (read(0, &octet, 1) > 0) {
  }
  _exit(0);
}

int call(CORBA::ORB_ptr orb, int argc, char** argv) {
  std::string address;
  int depth = 0, times = 1, pause = 0, step = 0;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--address") address = argv[i + 1];
    else if (option == "--depth") depth = std::stoi(argv[i + 1]);
    else if (option == "--times") times = std::stoi(argv[i + 1]);
    else if (option == "--pause") pause = std::stoi(argv[i + 1]);
    else if (option == "--step") step = std::stoi(argv[i + 1]);
    else return 2;
  }
  Interop::Player_var mine = new_player(orb);
  Interop::Player_var theirs;
  for (int i = 0; i < times; i++) {
    if (i > 0 && pause > 0) usleep(pause * 1000);
    std::string line;
    if (i > 0 && step != 0 && !std::getline(std::cin, line)) break;
    try {
      if (CORBA::is_nil(theirs)) {
        CORBA::Object_var object = orb->string_to_object(address.c_str());
        theirs = Interop::Player::_narrow(object);
      }
      const CORBA::Long bounced = theirs->bounce(mine, depth);
      std::cout << "bounced " << bounced << std::endl;
    } catch (const CORBA::Exception& e) {
      std::cout << "ended in " << describe(e) << std::endl;
    }
  }
  std::cout << "done" << std::endl;
  _exit(0);
}
}  // namespace

int main(int argc, char** argv) {
  try {
    CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "serve") return serve(orb);
    if (mode == "call") return call(orb, argc, argv);
    std::cerr << "bounce: give serve or call\n";
    return 2;
  } catch (const CORBA::Exception& e) {
    std::cerr << "bounce: " << describe(e) << "\n";
    return 1;
  }
}
