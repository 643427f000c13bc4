// A client that does as it is told, line by line, and knows nothing of replicas:
//   caller URI [-ORB...]
//     call N      calls bounce(nil, i) for i of 0 to N - 1; a line each, "said VALUE" or "ended in EXCEPTION"; then "done"
// Ends with its standard input.
#include "Interop.hh"
#include <iostream>
#include <sstream>
#include <string>

namespace {
const char* completion(CORBA::CompletionStatus status) {
  if (status == CORBA::COMPLETED_YES) return "COMPLETED_YES";
  return status == CORBA::COMPLETED_NO ? "COMPLETED_NO" : "COMPLETED_MAYBE";
}

void call(Interop::Player_ptr player, long times) {
  for (CORBA::Long i = 0; i < times; i++) {
    try {
      const CORBA::Long said = player->bounce(Interop::Player::_nil(), i);
      std::cout << "said " << said << "\n";
    } catch (const CORBA::SystemException& e) {
      std::cout << "ended in " << e._name() << " " << completion(e.completed()) << "\n";
    }
  }
  std::cout << "done" << std::endl;
}
}  // namespace

int main(int argc, char** argv) {
  try {
    CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
    if (argc != 2) {
      std::cerr << "caller: give a URI\n";
      return 2;
    }
    CORBA::Object_var object = orb->string_to_object(argv[1]);
    Interop::Player_var player = Interop::Player::_narrow(object);
    std::cout << "ready" << std::endl;
    std::string line, word;
    long times = 0;
    while (std::getline(std::cin, line)) {
      std::istringstream(line) >> word >> times;
      if (word == "call") call(player, times);
    }
    return 0;
  } catch (const CORBA::SystemException& e) {
    std::cerr << "caller: " << e._name() << " " << completion(e.completed()) << "\n";
    return 1;
  }
}
