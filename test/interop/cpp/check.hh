// Named checks: each registers itself, runs against one Root and ends in one line "ok NAME" or "not ok NAME: why".
#ifndef INTEROP_CHECK_HH
#define INTEROP_CHECK_HH

#include "Interop.hh"
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

struct Peer {
  CORBA::ORB_var orb;
  Interop::Root_var root;
  std::string address;  // as given to --ior or --address
};

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Check {
  std::string name;
  std::function<void(Peer&)> run;
};

std::vector<Check>& checks();
// One check for each kind of any and each TypeCode; called once, when static objects are there.
void register_dynamic();
// Dynamic calls with random types, 50 to a check; called once.
void register_random();

struct Register {
  Register(const char* name, std::function<void(Peer&)> run) { checks().push_back({name, run}); }
};

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define CHECK(name) \
  static void CHECK_JOIN(check_, __LINE__)(Peer&); \
  static const Register CHECK_JOIN(register_, __LINE__)(name, CHECK_JOIN(check_, __LINE__)); \
  static void CHECK_JOIN(check_, __LINE__)([[maybe_unused]] Peer& peer)

std::string describe(const CORBA::Exception& e);

inline void expect(bool holds, const std::string& what) {
  if (!holds) throw Failure(what);
}

template <class A, class B> void expect_equal(const A& got, const B& wanted, const std::string& what) {
  if (got == wanted) return;
  std::ostringstream text;
  text.precision(17);
  text << what << ": got " << +got << ", wanted " << +wanted;
  throw Failure(text.str());
}
inline void expect_text(const char* got, const std::string& wanted, const std::string& what) {
  if (wanted == got) return;
  const std::string found = got;
  if (found.size() > 100 || wanted.size() > 100)
    throw Failure(what + ": " + std::to_string(found.size()) + " characters that differ from the " +
                  std::to_string(wanted.size()) + " wanted");
  throw Failure(what + ": got \"" + found + "\", wanted \"" + wanted + "\"");
}

// The call must end in exactly E; what it carried is returned.
template <class E> E expect_throw(const std::string& what, const std::function<void()>& call) {
  try {
    call();
  } catch (const E& e) {
    return e;  // a copy: E is one class, not a base
  } catch (const CORBA::Exception& e) {
    throw Failure(what + ": ended in " + describe(e));
  }
  throw Failure(what + ": no exception");
}

// Which system exception is the peer's business, as long as it is one.
inline void expect_any_system(const std::string& what, const std::function<void()>& call) {
  try {
    call();
  } catch (const CORBA::SystemException&) {
    return;
  }
  throw Failure(what + ": no system exception");
}

template <class E>
void expect_system(const std::string& what, CORBA::ULong minor, CORBA::CompletionStatus completed,
                   const std::function<void()>& call) {
  const E e = expect_throw<E>(what, call);
  if (e.minor() != minor || e.completed() != completed) throw Failure(what + ": ended in " + describe(e));
}

template <class Seq> void expect_reversed(const Seq& got, const Seq& sent, const std::string& what) {
  expect_equal(got.length(), sent.length(), what + " length");
  for (CORBA::ULong i = 0; i < sent.length(); i++)
    if (!(got[i] == sent[sent.length() - 1 - i])) throw Failure(what + ": element " + std::to_string(i) + " differs");
}

// The object that operations of one group go to.
#define OBJECT_NAMED(name, type, attribute) Interop::type##_var name = peer.root->attribute()
#define OBJECT(type, attribute) OBJECT_NAMED(object, type, attribute)

#endif
