#include "servants.hh"
#include "samples.hh"
#include <omniORB4/omniORB.h>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

namespace {
using namespace Interop;
using CORBA::string_dup;

class FaultsServant : public POA_Interop::Faults {
 public:
  void raise_empty() override { throw Empty(); }
  void raise_refused(CORBA::Long code, const char* why) override { throw Refused(code, why); }
  void raise_awkward(const char* name, CORBA::Long message, const LongSeq& stack, const CORBA::Any& cause,
                     const ByColour& form) override {
    throw Awkward(name, message, stack, cause, form);
  }
  void raise_undeclared(const char* why) override { throw Undeclared(why); }
  void raise_system(const char* name, CORBA::ULong minor, Completion completed) override {
    throw_system(name, minor, static_cast<CORBA::CompletionStatus>(completed));
  }
  CORBA::Long maybe(CORBA::Long& a, CORBA::String_out text) override {
    if (a < 0) throw Refused(a, "negative");
    text = string_dup(std::to_string(a).c_str());
    return ++a;
  }
  void not_implemented() override { throw CORBA::NO_IMPLEMENT(0, CORBA::COMPLETED_NO); }
};

class AttributesServant : public POA_Interop::Attributes {
 public:
  CORBA::ULong writes() override { return m_writes; }
  char* text() override { return string_dup(m_text); }
  void text(const char* v) override { set([&] { m_text = v; }); }
  CORBA::Long level() override { return m_level; }
  void level(CORBA::Long v) override { set([&] { m_level = v; }); }
  CORBA::Long depth() override { return m_depth; }
  void depth(CORBA::Long v) override { set([&] { m_depth = v; }); }
  Point where() override { return m_where; }
  void where(const Point& v) override { set([&] { m_where = v; }); }
  Colour tint() override { return m_tint; }
  void tint(Colour v) override { set([&] { m_tint = v; }); }
  LongSeq* numbers() override { return new LongSeq(m_numbers); }
  void numbers(const LongSeq& v) override { set([&] { m_numbers = v; }); }
  CORBA::Any* anything() override { return new CORBA::Any(m_anything); }
  void anything(const CORBA::Any& v) override { set([&] { m_anything = v; }); }
  Grid_slice* squares() override { return Grid_dup(m_squares); }
  void squares(const Grid v) override { set([&] { Grid_copy(m_squares, v); }); }
  CORBA::Boolean live() override { return m_live; }
  void live(CORBA::Boolean v) override { set([&] { m_live = v; }); }
  ByBoolean* choice() override {
    ByBoolean* v = new ByBoolean;
    v->no(-1);
    return v;
  }
  Attributes_ptr self() override { return _this(); }

 private:
  template <class Change> void set(Change change) {
    change();
    m_writes++;
  }
  CORBA::ULong m_writes = 0;
  CORBA::String_var m_text = string_dup("");
  CORBA::Long m_level = 0, m_depth = 0;
  Point m_where = {0, 0};
  Colour m_tint = red;
  LongSeq m_numbers;
  CORBA::Any m_anything;
  Grid m_squares = {{0, 0, 0}, {0, 0, 0}};
  CORBA::Boolean m_live = false;
};

// Each class of the diamond answers who() with its own name.
template <class Skeleton> class Labelled : public virtual Skeleton {
 public:
  explicit Labelled(const char* name) : m_name(name) {}
  char* who() override { return string_dup(m_name.c_str()); }
  char* label() override { return string_dup(m_label.c_str()); }
  void label(const char* v) override { m_label = v; }

 private:
  const std::string m_name;
  std::string m_label;
};

class TopServant : public Labelled<POA_Interop::Top> {
 public:
  TopServant() : Labelled("Top") {}
};

class LeftServant : public Labelled<POA_Interop::Left> {
 public:
  LeftServant() : Labelled("Left") {}
  char* say_left() override { return string_dup("Left.left"); }
  Left_ptr itself() override { return _this(); }
};

char* say_right_of(const char* name, Interop::Right::Side on) {
  if (on == Interop::Right::far) throw Interop::Right::Wrong(on);
  return string_dup((std::string(name) + ".right").c_str());
}

class RightServant : public Labelled<POA_Interop::Right> {
 public:
  RightServant() : Labelled("Right") {}
  char* say_right(Interop::Right::Side on) override { return say_right_of("Right", on); }
};

class BottomServant : public Labelled<POA_Interop::Bottom> {
 public:
  BottomServant() : Labelled("Bottom") {}
  char* say_left() override { return string_dup("Bottom.left"); }
  Left_ptr itself() override { return POA_Interop::Left::_this(); }
  char* say_right(Interop::Right::Side on) override { return say_right_of("Bottom", on); }
  char* say_bottom() override { return string_dup("Bottom.bottom"); }
};

// Answers every call with LOCATION_FORWARD.
class MovedServant : public POA_Interop::Top {
 public:
  explicit MovedServant(Top_ptr to) : m_to(Interop::Top::_duplicate(to)) {}
  char* who() override { throw omniORB::LOCATION_FORWARD(CORBA::Object::_duplicate(m_to), false); }
  char* label() override { return who(); }
  void label(const char*) override { who(); }

 private:
  Top_var m_to;
};

class StrangerServant : public POA_Interop::Stranger {
 public:
  char* who() override { return string_dup("Stranger"); }
};

class PlayerServant : public POA_Interop::Player {
 public:
  CORBA::Long bounce(Player_ptr other, CORBA::Long depth) override {
    if (depth <= 0) return 0;
    Player_var me = _this();
    return 1 + other->bounce(me, depth - 1);
  }
};

class ReferencesServant : public POA_Interop::References {
 public:
  explicit ReferencesServant(CORBA::ORB_ptr orb)
      : m_orb(CORBA::ORB::_duplicate(orb)),
        m_top(serve(new TopServant)),
        m_left(serve(new LeftServant)),
        m_right(serve(new RightServant)),
        m_bottom(new_bottom()),
        m_stranger(serve(new StrangerServant)),
        m_player(new_player()) {}
  Top_ptr as_top() override { return Top::_duplicate(m_top); }
  Left_ptr as_left() override { return Left::_duplicate(m_left); }
  Right_ptr as_right() override { return Right::_duplicate(m_right); }
  Bottom_ptr as_bottom() override { return Bottom::_duplicate(m_bottom); }
  Stranger_ptr as_stranger() override { return Stranger::_duplicate(m_stranger); }
  CORBA::Object_ptr as_object() override { return CORBA::Object::_duplicate(m_bottom); }
  Top_ptr nil_top() override { return Top::_nil(); }
  Top_ptr echo_top(Top_ptr v) override { return Top::_duplicate(v); }
  CORBA::Object_ptr echo_object(CORBA::Object_ptr v) override { return CORBA::Object::_duplicate(v); }
  CORBA::Boolean is_nil(CORBA::Object_ptr v) override { return CORBA::is_nil(v); }
  CORBA::Boolean is_a(CORBA::Object_ptr v, const char* id) override { return v->_is_a(id); }
  CORBA::Boolean same(CORBA::Object_ptr a, CORBA::Object_ptr b) override { return a->_is_equivalent(b); }
  LeftSeq* reverse_lefts(const LeftSeq& v) override { return reversed(v); }
  Holder* echo_holder(const Holder& v) override { return new Holder(v); }
  CORBA::Any* reference_in_any(CORBA::Object_ptr v) override {
    CORBA::Any* any = new CORBA::Any;
    *any <<= v;
    return any;
  }
  void exchange(Top_ptr& a, Left_out b) override {
    CORBA::release(a);
    a = Bottom::_duplicate(m_bottom);
    b = Left::_duplicate(m_left);
  }
  Top_ptr dead() override {
    PortableServer::POA_var poa = _default_POA();
    PortableServer::ServantBase_var servant = new TopServant;
    PortableServer::ObjectId_var id = poa->activate_object(servant.in());
    CORBA::Object_var object = poa->id_to_reference(id);
    poa->deactivate_object(id);
    return Top::_unchecked_narrow(object);
  }
  char* to_string(CORBA::Object_ptr v) override { return m_orb->object_to_string(v); }
  CORBA::Object_ptr from_string(const char* v) override { return m_orb->string_to_object(v); }
  char* who_is(Top_ptr v) override { return v->who(); }

  CORBA::Long call(Listener_ptr l, const char* what, CORBA::Long times) override {
    CORBA::Long sum = 0;
    for (CORBA::Long step = 1; step <= times; step++) sum += l->heard(what, step);
    return sum;
  }
  void poke(Listener_ptr l, CORBA::Long n) override { l->poke(n); }
  Player_ptr partner() override { return Player::_duplicate(m_player); }

 private:
  static Bottom_ptr new_bottom() {
    BottomServant* servant = new BottomServant;
    Bottom_ptr reference = servant->POA_Interop::Bottom::_this();
    servant->_remove_ref();
    return reference;
  }
  CORBA::ORB_var m_orb;
  Top_var m_top;
  Left_var m_left;
  Right_var m_right;
  Bottom_var m_bottom;
  Stranger_var m_stranger;
  Player_var m_player;
};

class OnewaysServant : public POA_Interop::Oneways {
 public:
  void clear() override {
    std::lock_guard<std::mutex> hold(m_mutex);
    m_count = 0;
    m_sum = 0;
    m_notes.length(0);
  }
  void add(CORBA::Long n) override { came(n); }
  void note(const char* text, const Point& where) override {
    std::lock_guard<std::mutex> hold(m_mutex);
    const CORBA::ULong n = m_notes.length();
    m_notes.length(n + 1);
    m_notes[n] = string_dup(text);
    m_sum += static_cast<CORBA::LongLong>(where.x + where.y);
    m_count++;
    m_changed.notify_all();
  }
  void bulk(const OctetSeq& v) override { came(v.length()); }
  CORBA::LongLong wait(CORBA::ULong count) override {
    std::unique_lock<std::mutex> hold(m_mutex);
    m_changed.wait(hold, [&] { return m_count >= count; });
    return m_sum;
  }
  StringSeq* notes() override {
    std::lock_guard<std::mutex> hold(m_mutex);
    return new StringSeq(m_notes);
  }

 private:
  void came(CORBA::LongLong n) {
    std::lock_guard<std::mutex> hold(m_mutex);
    m_sum += n;
    m_count++;
    m_changed.notify_all();
  }
  std::mutex m_mutex;
  std::condition_variable m_changed;
  CORBA::ULong m_count = 0;
  CORBA::LongLong m_sum = 0;
  StringSeq m_notes;
};

class ParkingServant : public POA_Interop::Parking {
 public:
  void park(const char* token) override {
    const std::string key = token;
    std::unique_lock<std::mutex> hold(m_mutex);
    const unsigned generation = m_released[key];
    m_parked[key]++;
    m_total++;
    m_changed.notify_all();
    m_changed.wait(hold, [&] { return m_released[key] != generation; });
    m_parked[key]--;
    m_total--;
  }
  void wait_parked(const char* token) override {
    const std::string key = token;
    std::unique_lock<std::mutex> hold(m_mutex);
    m_changed.wait(hold, [&] { return m_parked[key] > 0; });
  }
  void release(const char* token) override {
    std::lock_guard<std::mutex> hold(m_mutex);
    m_released[token]++;
    m_changed.notify_all();
  }
  CORBA::ULong parked() override {
    std::lock_guard<std::mutex> hold(m_mutex);
    return m_total;
  }

 private:
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::map<std::string, unsigned> m_parked, m_released;
  CORBA::ULong m_total = 0;
};

class NamesServant : public POA_Interop::Names::Later {
 public:
  CORBA::Long attribute() override { return m_attribute; }
  void attribute(CORBA::Long v) override { m_attribute = v; }
  CORBA::Long _cxx_new(CORBA::Long in, CORBA::Long arguments) override {
    if (in < 0) throw Names::_cxx_delete("negative", in);
    return in + arguments;
  }
  char* then(const char* await, const char* out, CORBA::String_out result) override {
    result = string_dup(out);
    return string_dup(await);
  }
  Names::function* _cxx_class(const Names::function& var, Names::_cxx_union& let) override {
    let.toString("was " + std::to_string(let._d()) == "was 0" ? "oneway" : "other");
    Names::function* r = new Names::function(var);
    r->constructor = -var.constructor;
    return r;
  }
  Names::_cxx_enum instanceof(Names::_cxx_enum v) override { return v; }
  CORBA::Long constant(CORBA::Long options) override { return options + Names::_cxx_const; }
  Names::Late* echo_late(const Names::Late& v) override { return new Names::Late(v); }

 private:
  CORBA::Long m_attribute = 0;
};
}  // namespace

void throw_system(const char* name, CORBA::ULong minor, CORBA::CompletionStatus completed) {
  const std::string wanted = name;
#define THROW_IF(type) \
  if (wanted == #type) throw CORBA::type(minor, completed);
  OMNIORB_FOR_EACH_SYS_EXCEPTION(THROW_IF)
#undef THROW_IF
  throw CORBA::BAD_PARAM(0, CORBA::COMPLETED_NO);
}

Interop::Faults_ptr new_faults() { return serve(new FaultsServant); }
Interop::Attributes_ptr new_attributes() { return serve(new AttributesServant); }
Interop::References_ptr new_references(CORBA::ORB_ptr orb) { return serve(new ReferencesServant(orb)); }
Interop::Top_ptr new_moved(Interop::Top_ptr to) { return serve(new MovedServant(to)); }
Interop::Oneways_ptr new_oneways() { return serve(new OnewaysServant); }
Interop::Parking_ptr new_parking() { return serve(new ParkingServant); }
Interop::Player_ptr new_player() { return serve(new PlayerServant); }
Interop::Names::Later_ptr new_names() { return serve(new NamesServant); }
