#include "check.hh"
#include "references.hh"
#include "samples.hh"
#include "servants.hh"
#include <omniORB4/omniORB.h>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace Interop;

namespace {
const char TOP[] = "IDL:test.orbweaver/Interop/Top:1.0";
const char LEFT[] = "IDL:test.orbweaver/Interop/Left:1.0";
const char RIGHT[] = "IDL:test.orbweaver/Interop/Right:1.0";
const char BOTTOM[] = "IDL:test.orbweaver/Interop/Bottom:2.3";
const char STRANGER[] = "IDL:elsewhere.example/Some/Stranger:1.0";
const char OBJECT_ID[] = "IDL:omg.org/CORBA/Object:1.0";

// Sends a LocateRequest, whatever the ORB knows of the object. omniORB protects what does it.
struct Locator : omniObjRef {
  static void locate(omniObjRef* object) { (object->*&Locator::_locateRequest)(); }
};
void locate(CORBA::Object_ptr object) { Locator::locate(object->_PR_getobj()); }

// Counts what it is told.
class Counter : public POA_Interop::Listener {
 public:
  CORBA::Long heard(const char* what, CORBA::Long step) override {
    std::lock_guard<std::mutex> hold(m_mutex);
    m_heard += what;
    return 10 * step;
  }
  void poke(CORBA::Long n) override {
    std::lock_guard<std::mutex> hold(m_mutex);
    m_poked = n;
    m_changed.notify_all();
  }
  std::string heard() {
    std::lock_guard<std::mutex> hold(m_mutex);
    return m_heard;
  }
  // Waits for a poke, 10 s at most.
  CORBA::Long poked() {
    std::unique_lock<std::mutex> hold(m_mutex);
    m_changed.wait_for(hold, std::chrono::seconds(10), [&] { return m_poked != 0; });
    return m_poked;
  }

 private:
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::string m_heard;
  CORBA::Long m_poked = 0;
};
}  // namespace

CHECK("references.is_a") {
  OBJECT(References, of_references);
  CORBA::Object_var typed = object->as_object(), bottom = without_type(peer.orb, typed);
  for (const char* id : {TOP, LEFT, RIGHT, BOTTOM, OBJECT_ID}) expect(bottom->_is_a(id), std::string("Bottom is a ") + id);
  for (const char* id : {STRANGER, "IDL:test.orbweaver/Interop/Bottom:1.0", "IDL:Interop/Top:1.0", "x"})
    expect(!bottom->_is_a(id), std::string("Bottom is no ") + id);
  Left_var left_typed = object->as_left();
  CORBA::Object_var left = without_type(peer.orb, left_typed);
  expect(left->_is_a(TOP) && left->_is_a(LEFT), "Left is a Top and a Left");
  expect(!left->_is_a(RIGHT) && !left->_is_a(BOTTOM), "Left is no Right and no Bottom");
}
CHECK("references.narrow") {
  OBJECT(References, of_references);
  CORBA::Object_var typed = object->as_object(), bottom = without_type(peer.orb, typed);
  Right_var right = Right::_narrow(bottom);
  expect(!CORBA::is_nil(right), "a Right");
  CORBA::String_var who = right->who();
  expect_text(who, "Bottom", "who");
  Stranger_var stranger = Stranger::_narrow(bottom);
  expect(CORBA::is_nil(stranger), "no Stranger");
}
CHECK("references.inherited") {
  OBJECT(References, of_references);
  Bottom_var bottom = object->as_bottom();
  CORBA::String_var text = bottom->say_left();
  expect_text(text, "Bottom.left", "of Left");
  text = bottom->say_right(Interop::Right::near);
  expect_text(text, "Bottom.right", "of Right");
  const Interop::Right::Wrong e =
      expect_throw<Interop::Right::Wrong>("say_right(far)", [&] { CORBA::String_var r = bottom->say_right(Interop::Right::far); });
  expect(e.on == Interop::Right::far, "what was wrong");
  text = bottom->say_bottom();
  expect_text(text, "Bottom.bottom", "its own");
  bottom->label("bottom's");
  text = bottom->label();
  expect_text(text, "bottom's", "attribute of Top");
  Left_var left = bottom->itself();
  text = left->who();
  expect_text(text, "Bottom", "who");
}
CHECK("references.each_type") {
  OBJECT(References, of_references);
  Top_var top = object->as_top();
  Left_var left = object->as_left();
  Right_var right = object->as_right();
  Stranger_var stranger = object->as_stranger();
  CORBA::String_var who = top->who();
  expect_text(who, "Top", "who");
  who = left->who();
  expect_text(who, "Left", "who");
  who = right->who();
  expect_text(who, "Right", "who");
  who = stranger->who();
  expect_text(who, "Stranger", "who");
}
CHECK("references.nil") {
  OBJECT(References, of_references);
  Top_var nil = object->nil_top(), back = object->echo_top(nil);
  CORBA::Object_var plain = object->echo_object(CORBA::Object::_nil());
  expect(CORBA::is_nil(nil) && CORBA::is_nil(back) && CORBA::is_nil(plain), "nil");
  expect(object->is_nil(CORBA::Object::_nil()), "nil for the server");
  expect(!object->is_nil(object), "not nil for the server");
}
CHECK("references.echo") {
  OBJECT(References, of_references);
  Right_var right = object->as_right();
  Top_var top = object->echo_top(right);
  CORBA::String_var who = top->who();
  expect_text(who, "Right", "who");
  CORBA::Object_var plain = object->echo_object(right);
  expect(plain->_is_equivalent(right), "the reference that came back is equivalent");
}
CHECK("references.same") {
  OBJECT(References, of_references);
  Top_var top = object->as_top();
  Left_var left = object->as_left();
  expect(object->same(top, top), "the same");
  expect(!object->same(top, left), "others");
}
CHECK("references.reverse_lefts") {
  OBJECT(References, of_references);
  LeftSeq v;
  v.length(3);
  v[0] = object->as_left();
  v[2] = object->as_bottom();
  LeftSeq_var r = object->reverse_lefts(v);
  expect_equal(r->length(), 3u, "length");
  CORBA::String_var who = r[0]->who();
  expect_text(who, "Bottom", "first");
  expect(CORBA::is_nil(r[1]), "nil in the middle");
  who = r[2]->who();
  expect_text(who, "Left", "last");
}
CHECK("references.echo_holder") {
  OBJECT(References, of_references);
  Holder v;
  v.name = CORBA::string_dup("holder");
  v.held = object->as_bottom();
  Holder_var r = object->echo_holder(v);
  CORBA::String_var who = r->held->say_left();
  expect_text(who, "Bottom.left", "held");
  expect(CORBA::is_nil(r->anything), "nil");
}
CHECK("references.reference_in_any") {
  OBJECT(References, of_references);
  Left_var left = object->as_left();
  CORBA::Any_var r = object->reference_in_any(left);
  CORBA::Object_var plain;
  expect(r.in() >>= CORBA::Any::to_object(plain.out()), "a reference in the any");
  Left_var back = Left::_narrow(plain);
  CORBA::String_var who = back->who();
  expect_text(who, "Left", "who");
}
CHECK("references.typed_in_any") {
  OBJECT(Dynamic, of_dynamic);
  References_var references = peer.root->of_references();
  Bottom_var bottom = references->as_bottom();
  CORBA::Any v;
  v <<= bottom.in();
  CORBA::Any_var r = object->echo_any(v);
  Bottom_ptr back;
  expect(r.in() >>= back, "a Bottom in the any");
  CORBA::String_var who = back->who();
  expect_text(who, "Bottom", "who");
}
CHECK("references.exchange") {
  OBJECT(References, of_references);
  Top_var a = object->as_top();
  Left_var b;
  object->exchange(a.inout(), b.out());
  CORBA::String_var who = a->who();
  expect_text(who, "Bottom", "a");
  who = b->who();
  expect_text(who, "Left", "b");
}
CHECK("references.to_string") {
  OBJECT(References, of_references);
  Left_var left = object->as_left();
  CORBA::String_var text = object->to_string(left);
  CORBA::Object_var plain = peer.orb->string_to_object(text);
  Left_var back = Left::_narrow(plain);
  CORBA::String_var who = back->who();
  expect_text(who, "Left", "who");
}
CHECK("references.from_string") {
  OBJECT(References, of_references);
  Left_var left = object->as_left();
  CORBA::String_var text = peer.orb->object_to_string(left);
  CORBA::Object_var plain = object->from_string(text);
  Left_var back = Left::_narrow(plain);
  CORBA::String_var who = back->who();
  expect_text(who, "Left", "who");
}
CHECK("references.non_existent.live") {
  OBJECT(References, of_references);
  Top_var top = object->as_top();
  expect(!top->_non_existent(), "it exists");
}
CHECK("references.non_existent.dead") {
  OBJECT(References, of_references);
  Top_var dead = object->dead();
  expect(dead->_non_existent(), "it does not exist");
}
CHECK("references.dead.call") {
  OBJECT(References, of_references);
  Top_var dead = object->dead();
  const CORBA::OBJECT_NOT_EXIST e = expect_throw<CORBA::OBJECT_NOT_EXIST>("a call", [&] { CORBA::String_var r = dead->who(); });
  expect_equal(static_cast<int>(e.completed()), static_cast<int>(CORBA::COMPLETED_NO), "completed");
  // Untyped, omniORB asks _is_a with a Request instead of a LocateRequest.
  CORBA::Object_var untyped = without_type(peer.orb, dead);
  expect_throw<CORBA::OBJECT_NOT_EXIST>("_is_a", [&] { untyped->_is_a(LEFT); });
}
CHECK("references.unknown_key") {
  for (const char* key : {"nobody", "interopx", "x", "a/b%20c"}) {
    CORBA::Object_var nobody = peer.orb->string_to_object(corbaloc_beside(peer.orb, peer.root, key).c_str());
    expect_throw<CORBA::OBJECT_NOT_EXIST>(std::string("_is_a of ") + key, [&] { nobody->_is_a(TOP); });
    expect(nobody->_non_existent(), "nobody exists");
  }
}
CHECK("references.corbaloc") {
  CORBA::Object_var found = peer.orb->string_to_object(corbaloc_beside(peer.orb, peer.root, "interop").c_str());
  Root_var root = Root::_narrow(found);
  expect(!CORBA::is_nil(root), "a Root");
  Primitives_var object = root->of_primitives();
  expect_equal(object->flip_long(5), -6, "a call");
}
CHECK("references.named") {
  CORBA::Object_var nobody = peer.root->named("nobody");
  expect(CORBA::is_nil(nobody), "nil");
}

CHECK("references.moved") {
  CORBA::Object_var object = peer.root->named("moved");
  Top_var moved = Top::_narrow(object);
  for (int i = 0; i < 3; i++) {
    CORBA::String_var who = moved->who();
    expect_text(who, "Top", "who");
  }
  moved->label("moved");
  CORBA::String_var label = moved->label();
  expect_text(label, "moved", "label");
}

CHECK("locate.here") {
  OBJECT(References, of_references);
  Bottom_var bottom = object->as_bottom();
  locate(bottom);
  locate(peer.root);
}
CHECK("locate.dead") {
  OBJECT(References, of_references);
  Top_var dead = object->dead();
  expect_throw<CORBA::OBJECT_NOT_EXIST>("LocateRequest for a dead object", [&] { locate(dead); });
}
CHECK("locate.unknown_key") {
  CORBA::Object_var nobody = peer.orb->string_to_object(corbaloc_beside(peer.orb, peer.root, "nobody").c_str());
  expect_throw<CORBA::OBJECT_NOT_EXIST>("LocateRequest for nobody", [&] { locate(nobody); });
}
CHECK("locate.first_use") {
  // A fresh reference with a type id: omniORB sends a LocateRequest before the first call.
  OBJECT(References, of_references);
  CORBA::String_var text;
  {
    Left_var left = object->as_left();
    text = peer.orb->object_to_string(left);
  }
  CORBA::Object_var plain = peer.orb->string_to_object(text);
  Left_var left = Left::_narrow(plain);
  CORBA::String_var who = left->who();
  expect_text(who, "Left", "who");
}

CHECK("callbacks.call") {
  OBJECT(References, of_references);
  PortableServer::Servant_var<Counter> counter = new Counter;
  Listener_var listener = counter->_this();
  expect_equal(object->call(listener, "ab", 3), 60, "sum");
  expect_text(counter->heard().c_str(), "ababab", "heard");
  expect_equal(object->call(listener, "", 0), 0, "sum of none");
}
CHECK("callbacks.poke") {
  OBJECT(References, of_references);
  PortableServer::Servant_var<Counter> counter = new Counter;
  Listener_var listener = counter->_this();
  object->poke(listener, 77);
  expect_equal(counter->poked(), 77, "poked");
}
CHECK("callbacks.who_is") {
  OBJECT(References, of_references);
  References_var mine = new_references(peer.orb);
  Bottom_var bottom = mine->as_bottom();
  CORBA::String_var who = object->who_is(bottom);
  expect_text(who, "Bottom", "who our object is");
}
CHECK("callbacks.is_a") {
  OBJECT(References, of_references);
  References_var mine = new_references(peer.orb);
  CORBA::Object_var typed = mine->as_bottom(), bottom = without_type(peer.orb, typed);
  expect(object->is_a(bottom, RIGHT), "the server finds our Bottom to be a Right");
  expect(!object->is_a(bottom, STRANGER), "the server finds our Bottom to be no Stranger");
}
CHECK("callbacks.dead") {
  OBJECT(References, of_references);
  References_var mine = new_references(peer.orb);
  Top_var dead = mine->dead();
  expect_throw<CORBA::OBJECT_NOT_EXIST>("the server's call of our dead object", [&] { CORBA::String_var r = object->who_is(dead); });
}
CHECK("callbacks.bounce") {
  OBJECT(References, of_references);
  Player_var theirs = object->partner(), mine = new_player();
  expect_equal(theirs->bounce(mine, 6), 6, "bounces");
}
