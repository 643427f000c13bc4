// Runs named checks against an Interop::Root.
//   interop-client (--ior FILE | --address URI) [--list] [NAME-OR-PREFIX ...] [-ORB...]
// URI is what string_to_object takes. Without names all checks run but "wide-refused." and "latin1-char-refused." (which
// take the place of "wide." and "latin1-char." where the GIOP version or the code set cannot carry those), "naming."
// (which want -ORBInitRef NameService=...), "random." (which
// want a server that makes anys of random types) and "ifr." (which want one with an interface repository).
// Exit 0 when each was ok.
#include "check.hh"
#include "samples.hh"
#include "servants.hh"
#include "values.hh"
#include <fstream>
#include <iostream>

std::vector<Check>& checks() {
  static std::vector<Check> all;
  return all;
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

namespace {
bool chosen(const std::string& name, const std::vector<std::string>& wanted) {
  if (wanted.empty())
    return name.find("-refused.") == std::string::npos && name.rfind("naming.", 0) != 0 && name.rfind("random.", 0) != 0 &&
           name.rfind("ifr.", 0) != 0;
  for (const std::string& w : wanted)
    if (name == w || (w.back() == '.' && name.rfind(w, 0) == 0)) return true;
  return false;
}

std::string outcome(const Check& check, Peer& peer) {
  try {
    check.run(peer);
    return "";
  } catch (const Failure& e) {
    return e.what();
  } catch (const CORBA::Exception& e) {
    return "ended in " + describe(e);
  }
}

int run_checks(int argc, char** argv) {
  Peer peer;
  peer.orb = CORBA::ORB_init(argc, argv);
  use_orb(peer.orb);
  register_values(peer.orb);
  register_dynamic();
  register_random();
  std::vector<std::string> wanted;
  bool list = false;
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    if (option == "--list") {
      list = true;
    } else if ((option == "--ior" || option == "--address") && i + 1 < argc) {
      peer.address = argv[++i];
      if (option == "--ior") {
        std::ifstream file(peer.address);
        if (!std::getline(file, peer.address)) throw Failure("no IOR in " + std::string(argv[i]));
      }
    } else if (option[0] == '-') {
      throw Failure("unknown option " + option);
    } else {
      wanted.push_back(option);
    }
  }
  if (list) {
    for (const Check& check : checks()) std::cout << check.name << "\n";
    return 0;
  }
  if (peer.address.empty()) throw Failure("give --ior FILE or --address URI");

  CORBA::Object_var object = peer.orb->resolve_initial_references("RootPOA");
  PortableServer::POA_var poa = PortableServer::POA::_narrow(object);
  PortableServer::POAManager_var manager = poa->the_POAManager();
  manager->activate();
  object = peer.orb->string_to_object(peer.address.c_str());
  peer.root = Interop::Root::_narrow(object);
  if (CORBA::is_nil(peer.root)) throw Failure("not an Interop::Root");

  int failed = 0, ran = 0;
  for (const Check& check : checks()) {
    if (!chosen(check.name, wanted)) continue;
    const std::string why = outcome(check, peer);
    ran++;
    if (why.empty()) {
      std::cout << "ok " << check.name << std::endl;
    } else {
      failed++;
      std::cout << "not ok " << check.name << ": " << why << std::endl;
    }
  }
  std::cout << "# " << ran << " checks, " << failed << " failed" << std::endl;
  peer.root = Interop::Root::_nil();
  peer.orb->destroy();
  return failed == 0 && ran > 0 ? 0 : 1;
}
}  // namespace

namespace {
struct Run {
  int argc;
  char** argv;
  int status;
};

void* run(void* given) {
  Run& run = *static_cast<Run*>(given);
  run.status = 2;
  try {
    run.status = run_checks(run.argc, run.argv);
  } catch (const Failure& e) {
    std::cerr << "interop-client: " << e.what() << "\n";
  } catch (const CORBA::Exception& e) {
    std::cerr << "interop-client: " << describe(e) << "\n";
  }
  return nullptr;
}
}  // namespace

int main(int argc, char** argv) {
  // omniORB reads and writes a value within a value by a call within a call.
  Run all = {argc, argv, 2};
  omni_thread::stacksize(256 << 20);
  omni_thread* thread = new omni_thread(run, &all);
  thread->start();
  thread->join(nullptr);
  return all.status;
}
