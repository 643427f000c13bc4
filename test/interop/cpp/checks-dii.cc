// Calls without stubs: of the servant without a skeleton, and of one that has one.
#include "check.hh"
#include "samples.hh"

using namespace Interop;

namespace {
const char* const MIRROR = "IDL:test.orbweaver/Interop/Mirror:1.0";

CORBA::Object_ptr mirror_of(Peer& peer) {
  CORBA::Object_var mirror = peer.root->named("mirror");
  expect(!CORBA::is_nil(mirror), "the server has a mirror");
  return mirror._retn();
}

// What a request ended in, as an exception that can be caught.
void invoke(CORBA::Request_ptr request) {
  request->invoke();
  CORBA::Exception* thrown = request->env()->exception();
  if (thrown) thrown->_raise();
}

void learn(CORBA::Object_ptr mirror, CORBA::TypeCode_ptr type) {
  CORBA::Request_var request = mirror->_request("learn");
  request->add_in_arg() <<= type;
  request->set_return_type(CORBA::_tc_void);
  invoke(request);
}

CORBA::Any echoed(CORBA::Object_ptr mirror, const CORBA::Any& v) {
  CORBA::TypeCode_var type = v.type();
  CORBA::Request_var request = mirror->_request("echo");
  request->add_in_arg() = v;
  request->set_return_type(type);
  invoke(request);
  return request->return_value();
}

struct Turned {
  CORBA::Any result, a, b;
};

Turned turned(CORBA::Object_ptr mirror, const CORBA::Any& v) {
  CORBA::TypeCode_var type = v.type();
  CORBA::Request_var request = mirror->_request("turn");
  request->add_inout_arg() = v;
  request->add_out_arg().replace(type, nullptr);
  request->set_return_type(type);
  invoke(request);
  return {request->return_value(), *request->arguments()->item(0)->value(), *request->arguments()->item(1)->value()};
}

// Of a server that makes and checks anys of random types, called "INDEX/SAMPLE"; an empty any where there is none.
void random_types(Peer& peer, int first, int last) {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Object_var mirror = mirror_of(peer);
  for (int index = first; index <= last; index++)
    for (int sample = 0; sample < 3; sample++) {
      const std::string kind = std::to_string(index) + "/" + std::to_string(sample);
      try {
        CORBA::Any_var v = object->make(kind.c_str());
        CORBA::TypeCode_var type = v->type();
        if (type->kind() == CORBA::tk_null) continue;
        if (sample == 0) learn(mirror, type);
        expect(object->check(kind.c_str(), echoed(mirror, v)), kind + ": echo came back different");
        const Turned t = turned(mirror, v);
        expect(object->check(kind.c_str(), t.result), kind + ": the result is different");
        expect(object->check(kind.c_str(), t.a), kind + ": the inout argument is different");
        expect(object->check(kind.c_str(), t.b), kind + ": the out argument is different");
      } catch (const CORBA::Exception& e) {
        throw Failure(kind + ": ended in " + describe(e));
      }
    }
}
}  // namespace

void register_random() {
  for (int first = 0; first < 500; first += 50) {
    const int last = first + 49;
    checks().push_back({"random." + std::to_string(first) + "-" + std::to_string(last),
                        [first, last](Peer& peer) { random_types(peer, first, last); }});
  }
}

CHECK("dii.echo") {
  OBJECT(Dynamic, of_dynamic);
  CORBA::Object_var mirror = mirror_of(peer);
  for (const std::string& kind : any_kinds()) {
    if (kind == "null" || kind == "wchar" || kind == "wstring" || kind == "exception") continue;
    CORBA::Any_var v = object->make(kind.c_str());
    CORBA::TypeCode_var type = v->type();
    learn(mirror, type);
    expect(object->check(kind.c_str(), echoed(mirror, v)), kind + " came back different");
  }
}
CHECK("dii.turn") {
  CORBA::Object_var mirror = mirror_of(peer);
  learn(mirror, _tc_Padded);
  CORBA::Any v;
  v <<= sample_padded();
  const Turned t = turned(mirror, v);
  expect(same_any(t.result, v) && same_any(t.a, v) && same_any(t.b, v), "turned");
}
CHECK("dii.refuse") {
  CORBA::Object_var mirror = mirror_of(peer);
  learn(mirror, CORBA::_tc_long);
  CORBA::Request_var request = mirror->_request("refuse");
  request->add_in_arg() <<= CORBA::Long(1);
  request->set_return_type(CORBA::_tc_void);
  request->exceptions()->add(_tc_Refused);
  const CORBA::UnknownUserException e =
      expect_throw<CORBA::UnknownUserException>("refuse", [&] { invoke(request); });
  const Refused* refused;
  expect(const_cast<CORBA::UnknownUserException&>(e).exception() >>= refused, "a Refused in the any");
  expect_equal(refused->code, 7, "code");
  expect_text(refused->why, "no", "why");
}
CHECK("dii.unlisted") {
  CORBA::Object_var mirror = mirror_of(peer);
  learn(mirror, CORBA::_tc_long);
  CORBA::Request_var request = mirror->_request("refuse");
  request->add_in_arg() <<= CORBA::Long(1);
  request->set_return_type(CORBA::_tc_void);
  expect_throw<CORBA::UNKNOWN>("refuse", [&] { invoke(request); });
}
CHECK("dii.unknown_operation") {
  CORBA::Object_var mirror = mirror_of(peer);
  CORBA::Request_var request = mirror->_request("none");
  request->set_return_type(CORBA::_tc_void);
  expect_throw<CORBA::BAD_OPERATION>("none", [&] { invoke(request); });
}
CHECK("dii.deferred") {
  CORBA::Object_var mirror = mirror_of(peer);
  learn(mirror, CORBA::_tc_string);
  CORBA::Request_var requests[2];
  for (int i = 0; i < 2; i++) {
    requests[i] = mirror->_request("echo");
    requests[i]->add_in_arg() <<= i == 0 ? "first" : "second";
    requests[i]->set_return_type(CORBA::_tc_string);
    requests[i]->send_deferred();
  }
  for (int i = 0; i < 2; i++) {
    requests[i]->get_response();
    const char* text;
    expect(requests[i]->return_value() >>= text, "a string");
    expect_text(text, i == 0 ? "first" : "second", "text");
  }
}
CHECK("dii.skeleton") {
  OBJECT(Constructed, of_constructed);
  CORBA::Request_var request = object->_request("outer_inout");
  Outer_var outer = sample_outer();
  request->add_inout_arg() <<= outer.in();
  request->add_out_arg().replace(Outer::_tc_Inner, nullptr);
  request->add_out_arg().replace(_tc_Position, nullptr);
  request->set_return_type(CORBA::_tc_void);
  invoke(request);
  const Outer* after;
  expect(*request->arguments()->item(0)->value() >>= after, "an Outer");
  CORBA::Any first, second;
  first <<= outer->first;
  second <<= after->second;
  expect(same_any(first, second), "the first is the second now");
}
CHECK("dii.is_a") {
  CORBA::Object_var mirror = mirror_of(peer);
  // omniORB's own servant without a skeleton says that it is no CORBA::Object.
  const std::pair<const char*, bool> ids[] = {{MIRROR, true}, {"IDL:test.orbweaver/Interop/Root:1.0", false}};
  for (const auto& [id, wanted] : ids) {
    CORBA::Request_var request = mirror->_request("_is_a");
    request->add_in_arg() <<= id;
    request->set_return_type(CORBA::_tc_boolean);
    invoke(request);
    CORBA::Boolean is_a;
    expect(request->return_value() >>= CORBA::Any::to_boolean(is_a), "a boolean");
    expect(is_a == wanted, std::string("_is_a ") + id);
  }
  expect(!mirror->_non_existent(), "it exists");
}
