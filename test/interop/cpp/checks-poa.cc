// What a client notices of the policies of the POAs behind its references.
#include "check.hh"
#include <thread>

using namespace Interop;

namespace {
Top_var top_of(Peer& peer, const char* name) {
  const std::string full = std::string("poa.") + name;
  CORBA::Object_var object = peer.root->named(full.c_str());
  return Top::_unchecked_narrow(object);
}

void expect_who(Peer& peer, const char* name, const char* wanted) {
  Top_var top = top_of(peer, name);
  for (int i = 0; i < 2; i++) {
    CORBA::String_var who = top->who();
    expect_text(who, wanted, "who");
  }
}
}  // namespace

CHECK("poa.default_servant") {
  expect_who(peer, "default.seven", "default seven");
  expect_who(peer, "default.eight", "default eight");
}
CHECK("poa.locator") {
  expect_who(peer, "locator.seven", "locator seven");
  expect_who(peer, "locator.eight", "locator eight");
}
CHECK("poa.activator") {
  expect_who(peer, "activator.seven", "activator seven");
  // Each object has a servant of its own, which stays.
  Top_var seven = top_of(peer, "activator.seven"), eight = top_of(peer, "activator.eight");
  seven->label("7");
  eight->label("8");
  CORBA::String_var label = seven->label();
  expect_text(label, "7", "label");
}
CHECK("poa.forward") { expect_who(peer, "locator.forward", "Top"); }
CHECK("poa.adapter_activator") { expect_who(peer, "demand", "demand x"); }
CHECK("poa.unknown_adapter") {
  Top_var top = top_of(peer, "unknown");
  expect_throw<CORBA::OBJECT_NOT_EXIST>("a POA that nobody makes", [&] { CORBA::String_var who = top->who(); });
}
CHECK("poa.holding") {
  Top_var top = top_of(peer, "holding");
  std::string answer;
  std::thread caller([&] {
    try {
      CORBA::String_var who = top->who();
      answer = who.in();
    } catch (const CORBA::Exception& e) {
      answer = describe(e);
    }
  });
  CORBA::Object_var none = peer.root->named("poa.activate");
  caller.join();
  expect_text(answer.c_str(), "holding x", "who");
}
CHECK("poa.discarding") {
  Top_var top = top_of(peer, "discarding");
  const CORBA::TRANSIENT e =
      expect_throw<CORBA::TRANSIENT>("DISCARDING", [&] { CORBA::String_var who = top->who(); });
  expect(e.completed() == CORBA::COMPLETED_NO, "completed");
}
CHECK("poa.inactive") {
  // How an inactive manager refuses is the server's business; omniORB says so to a LocateRequest.
  Top_var top = top_of(peer, "inactive");
  try {
    CORBA::String_var who = top->who();
    throw Failure("an inactive manager let a request through");
  } catch (const CORBA::OBJ_ADAPTER& e) {
    expect(e.completed() == CORBA::COMPLETED_NO, "completed");
  } catch (const CORBA::OBJECT_NOT_EXIST& e) {
    expect(e.completed() == CORBA::COMPLETED_NO, "completed");
  }
}
CHECK("poa.single_thread") {
  Top_var top = top_of(peer, "single.x");
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; i++)
    callers.emplace_back([&] {
      try {
        CORBA::String_var who = top->who();
      } catch (const CORBA::Exception&) {
      }
    });
  for (std::thread& caller : callers) caller.join();
  CORBA::String_var most = top->who();
  expect_text(most, "1", "calls at once");
}
