#include "check.hh"
#include "samples.hh"
#include <omniORB4/minorCode.h>
#include <omniORB4/omniORB.h>
#include <thread>

using namespace Interop;

CHECK("faults.raise_empty") {
  OBJECT(Faults, of_faults);
  expect_throw<Empty>("raise_empty", [&] { object->raise_empty(); });
}
CHECK("faults.raise_refused") {
  OBJECT(Faults, of_faults);
  const Refused e = expect_throw<Refused>("raise_refused", [&] { object->raise_refused(-2147483647 - 1, "because"); });
  expect_equal(e.code, -2147483647 - 1, "code");
  expect_text(e.why, "because", "why");
}
CHECK("faults.raise_refused.300k") {
  OBJECT(Faults, of_faults);
  const std::string why(300 * 1024, 'w');
  const Refused e = expect_throw<Refused>("raise_refused", [&] { object->raise_refused(1, why.c_str()); });
  expect_text(e.why, why, "why");
}
CHECK("faults.raise_awkward") {
  OBJECT(Faults, of_faults);
  LongSeq stack;
  stack.length(2);
  stack[1] = -1;
  CORBA::Any cause;
  cause <<= sample_padded();
  ByColour form;
  form.g("form");
  const Awkward e =
      expect_throw<Awkward>("raise_awkward", [&] { object->raise_awkward("name", 7, stack, cause, form); });
  expect_text(e.name, "name", "name");
  expect(e.message == 7 && e.stack.length() == 2 && e.stack[1] == -1, "message and stack");
  expect(same_any(e.cause, cause), "cause");
  expect_text(e.form.g(), "form", "form");
}
CHECK("faults.raise_undeclared") {
  OBJECT(Faults, of_faults);
  expect_throw<CORBA::UNKNOWN>("an exception that raises() does not name", [&] { object->raise_undeclared("why"); });
}
CHECK("faults.raise_system") {
  OBJECT(Faults, of_faults);
  const CORBA::ULong minors[] = {0, 1, 0x4f4d0001, 0xffffffff};
  int at = 0;
  // A user's exceptions are retried when a reference was forwarded; none was.
#define RAISE(type) \
  for (const Completion completed : {completed_yes, completed_no, completed_maybe}) { \
    const CORBA::ULong minor = minors[at++ % 4]; \
    expect_system<CORBA::type>(#type, minor, static_cast<CORBA::CompletionStatus>(completed), \
                               [&] { object->raise_system(#type, minor, completed); }); \
  }
  OMNIORB_FOR_EACH_SYS_EXCEPTION(RAISE)
#undef RAISE
}
CHECK("faults.maybe") {
  OBJECT(Faults, of_faults);
  CORBA::Long a = 41;
  CORBA::String_var text;
  expect_equal(object->maybe(a, text.out()), 42, "result");
  expect_equal(a, 42, "a");
  expect_text(text, "41", "text");
  a = -1;
  const Refused e = expect_throw<Refused>("maybe(-1)", [&] { object->maybe(a, text.out()); });
  expect_equal(e.code, -1, "code");
}
CHECK("faults.not_implemented") {
  OBJECT(Faults, of_faults);
  expect_system<CORBA::NO_IMPLEMENT>("not_implemented", 0, CORBA::COMPLETED_NO, [&] { object->not_implemented(); });
}
CHECK("faults.unknown_operation") {
  // Stranger::who on an object that has no such operation.
  OBJECT(Faults, of_faults);
  CORBA::String_var ior = peer.orb->object_to_string(object);
  CORBA::Object_var again = peer.orb->string_to_object(ior);
  Stranger_var stranger = Stranger::_unchecked_narrow(again);
  const CORBA::BAD_OPERATION e =
      expect_throw<CORBA::BAD_OPERATION>("an unknown operation", [&] { CORBA::String_var r = stranger->who(); });
  expect_equal(static_cast<int>(e.completed()), static_cast<int>(CORBA::COMPLETED_NO), "completed");
}

CHECK("attributes.readonly") {
  OBJECT(Attributes, of_attributes);
  const CORBA::ULong before = object->writes();
  object->level(1);
  object->depth(2);
  expect_equal(object->writes(), before + 2, "writes");
}
CHECK("attributes.text") {
  OBJECT(Attributes, of_attributes);
  for (const char* v : {"text", ""}) {
    object->text(v);
    CORBA::String_var r = object->text();
    expect_text(r, v, "text");
  }
}
CHECK("attributes.level") {
  OBJECT(Attributes, of_attributes);
  object->level(-2147483647 - 1);
  object->depth(2147483647);
  expect_equal(object->level(), -2147483647 - 1, "level");
  expect_equal(object->depth(), 2147483647, "depth");
}
CHECK("attributes.where") {
  OBJECT(Attributes, of_attributes);
  object->where(Point{0.25, -1e9});
  const Point r = object->where();
  expect(r.x == 0.25 && r.y == -1e9, "where");
}
CHECK("attributes.tint") {
  OBJECT(Attributes, of_attributes);
  object->tint(blue);
  expect(object->tint() == blue, "tint");
}
CHECK("attributes.numbers") {
  OBJECT(Attributes, of_attributes);
  LongSeq v;
  v.length(3);
  v[2] = -3;
  object->numbers(v);
  LongSeq_var r = object->numbers();
  expect(r->length() == 3 && r[2] == -3, "numbers");
}
CHECK("attributes.anything") {
  OBJECT(Attributes, of_attributes);
  CORBA::Any v;
  v <<= sample_padded();
  object->anything(v);
  CORBA::Any_var r = object->anything();
  expect(same_any(r, v), "anything");
}
CHECK("attributes.squares") {
  OBJECT(Attributes, of_attributes);
  const Grid v = {{1, 4, 9}, {16, 25, 36}};
  object->squares(v);
  Grid_var r = object->squares();
  expect(r[0][1] == 4 && r[1][2] == 36, "squares");
}
CHECK("attributes.live") {
  OBJECT(Attributes, of_attributes);
  object->live(true);
  expect(object->live(), "TRUE");
  object->live(false);
  expect(!object->live(), "FALSE");
}
CHECK("attributes.choice") {
  OBJECT(Attributes, of_attributes);
  ByBoolean_var r = object->choice();
  expect(!r->_d() && r->no() == -1, "choice");
}
CHECK("attributes.self") {
  OBJECT(Attributes, of_attributes);
  Attributes_var self = object->self();
  self->level(99);
  expect_equal(object->level(), 99, "the same object");
}

CHECK("oneways.add") {
  OBJECT(Oneways, of_oneways);
  object->clear();
  for (int i = 1; i <= 100; i++) object->add(i);
  expect_equal(object->wait(100), 5050, "sum");
}
CHECK("oneways.note") {
  OBJECT(Oneways, of_oneways);
  object->clear();
  object->note("first", Point{1, 2});
  expect_equal(object->wait(1), 3, "sum");
  StringSeq_var notes = object->notes();
  expect_equal(notes->length(), 1u, "notes");
  expect_text(notes[0], "first", "note");
}
CHECK("oneways.bulk") {
  OBJECT(Oneways, of_oneways);
  object->clear();
  OctetSeq_var v = octets(1 << 20);
  object->bulk(v);
  object->bulk(v);
  expect_equal(object->wait(2), 2 << 20, "octets");
}
CHECK("oneways.locate_error") {
  // Nobody answers a oneway to an object that is gone; the connection goes on.
  OBJECT(References, of_references);
  Top_var dead = object->dead();
  Listener_var listener = Listener::_unchecked_narrow(dead);
  try {
    listener->poke(1);
  } catch (const CORBA::OBJECT_NOT_EXIST&) {
    // omniORB asks with a LocateRequest first, and may so come to know.
  }
  Top_var top = object->as_top();
  CORBA::String_var who = top->who();
  expect_text(who, "Top", "the next call");
}

CHECK("parking.release") {
  OBJECT(Parking, of_parking);
  std::thread parker([&] { object->park("release"); });
  object->wait_parked("release");
  expect(object->parked() >= 1, "parked");
  object->release("release");
  parker.join();
}
CHECK("parking.concurrent") {
  OBJECT(Parking, of_parking);
  const char* const tokens[] = {"one", "two", "three"};
  std::vector<std::thread> parkers;
  for (const char* token : tokens) parkers.emplace_back([&object, token] { object->park(token); });
  for (const char* token : tokens) object->wait_parked(token);
  expect(object->parked() >= 3, "parked");
  // Replies come in another order than their requests.
  for (int i = 2; i >= 0; i--) {
    object->release(tokens[i]);
    parkers[i].join();
  }
}
CHECK("parking.deadline") {
  OBJECT(Parking, of_parking);
  OBJECT_NAMED(hurried, Parking, of_parking);
  omniORB::setClientCallTimeout(hurried, 300);
  const CORBA::TIMEOUT e = expect_throw<CORBA::TIMEOUT>("a call with a deadline", [&] { hurried->park("deadline"); });
  expect_equal(e.minor(), static_cast<CORBA::ULong>(omni::TIMEOUT_CallTimedOutOnClient), "minor");
  object->wait_parked("deadline");
  object->release("deadline");
  OBJECT_NAMED(primitives, Primitives, of_primitives);
  primitives->ping();
}

namespace {
Names::Later_ptr names_of(Peer& peer) {
  CORBA::Object_var object = peer.root->named("names");
  Names::Later_ptr names = Names::Later::_narrow(object);
  if (CORBA::is_nil(names)) throw Failure("\"names\" is no Names::Later");
  return names;
}
}  // namespace

CHECK("names.attribute") {
  Names::Later_var object = names_of(peer);
  object->attribute(11);
  expect_equal(object->attribute(), 11, "attribute");
}
CHECK("names.new") {
  Names::Later_var object = names_of(peer);
  expect_equal(object->_cxx_new(3, 4), 7, "sum");
  const Names::_cxx_delete e = expect_throw<Names::_cxx_delete>("new(-1)", [&] { object->_cxx_new(-1, 0); });
  expect_text(e.toString, "negative", "toString");
  expect_equal(e.exception, -1, "exception");
}
CHECK("names.then") {
  Names::Later_var object = names_of(peer);
  CORBA::String_var result, r = object->then("a", "b", result.out());
  expect_text(r, "a", "returned");
  expect_text(result, "b", "result");
}
CHECK("names.class") {
  Names::Later_var object = names_of(peer);
  Names::function v;
  v.constructor = 5;
  v.then = CORBA::string_dup("then");
  v.prototype = true;
  v._cxx_default = Names::await;
  v.hasOwnProperty = -2;
  v._cxx_long = 9;
  Names::_cxx_union let;
  let._cxx_case(3);
  Names::function_var r = object->_cxx_class(v, let);
  expect(r->constructor == -5 && r->prototype && r->_cxx_default == Names::await && r->hasOwnProperty == -2 && r->_cxx_long == 9,
         "struct");
  expect_text(r->then, "then", "then");
  expect(let._d() == Names::yield, "discriminator");
  expect_text(let.toString(), "oneway", "member");
}
CHECK("names.enum") {
  Names::Later_var object = names_of(peer);
  expect(object->instanceof(Names::null) == Names::null && object->instanceof(Names::oneway) == Names::oneway, "enumerators");
}
CHECK("names.constant") {
  Names::Later_var object = names_of(peer);
  expect_equal(object->constant(1), 8, "sum");
}
CHECK("names.late") {
  Names::Later_var object = names_of(peer);
  Names::Late v;
  v.f.constructor = 1;
  v.f.then = CORBA::string_dup("");
  v.f.prototype = false;
  v.f._cxx_default = Names::oneway;
  v.f.hasOwnProperty = 0;
  v.f._cxx_long = 0;
  v.where = Point{1, 2};
  v.kind = Names::null;
  Names::Late_var r = object->echo_late(v);
  expect(r->f.constructor == 1 && r->where.y == 2 && r->kind == Names::null, "struct");
}
