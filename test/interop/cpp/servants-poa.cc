// Objects of POAs with each policy that a client can notice; servants/poas.ts has the same ones.
#include "servants.hh"
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {
using namespace PortableServer;

std::string text_of(const ObjectId& id) {
  CORBA::String_var text = ObjectId_to_string(id);
  return text.in();
}

// Says "what id", the id that of the object it is called for.
class Telling : public POA_Interop::Top {
 public:
  Telling(const std::string& what, Current_ptr current) : m_what(what), m_current(Current::_duplicate(current)) {}
  char* who() override {
    ObjectId_var id = m_current->get_object_id();
    return CORBA::string_dup((m_what + " " + text_of(id)).c_str());
  }
  char* label() override { return CORBA::string_dup(m_label.c_str()); }
  void label(const char* v) override { m_label = v; }

 private:
  const std::string m_what;
  Current_var m_current;
  std::string m_label;
};

// Says how many of its calls ran at once at most.
class Alone : public Telling {
 public:
  explicit Alone(Current_ptr current) : Telling("", current) {}
  char* who() override {
    {
      std::lock_guard<std::mutex> lock(m_mutex);
      if (++m_running > m_most) m_most = m_running;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::lock_guard<std::mutex> lock(m_mutex);
    m_running--;
    return CORBA::string_dup(std::to_string(m_most).c_str());
  }

 private:
  std::mutex m_mutex;
  int m_running = 0, m_most = 0;
};

class Activating : public POA_PortableServer::ServantActivator {
 public:
  explicit Activating(Current_ptr current) : m_current(Current::_duplicate(current)) {}
  Servant incarnate(const ObjectId&, POA_ptr) override { return new Telling("activator", m_current); }
  void etherealize(const ObjectId&, POA_ptr, Servant servant, CORBA::Boolean, CORBA::Boolean remaining) override {
    if (!remaining) servant->_remove_ref();
  }

 private:
  Current_var m_current;
};

class Locating : public POA_PortableServer::ServantLocator {
 public:
  Locating(Current_ptr current, CORBA::Object_ptr elsewhere)
      : m_servant("locator", current), m_elsewhere(CORBA::Object::_duplicate(elsewhere)) {}
  Servant preinvoke(const ObjectId& id, POA_ptr, const char*, PortableServer::ServantLocator::Cookie& cookie) override {
    if (text_of(id) == "forward") throw ForwardRequest(m_elsewhere);
    cookie = this;
    return &m_servant;
  }
  void postinvoke(const ObjectId&, POA_ptr, const char*, PortableServer::ServantLocator::Cookie, Servant) override {}

 private:
  Telling m_servant;
  CORBA::Object_var m_elsewhere;
};

class OnDemand : public POA_PortableServer::AdapterActivator {
 public:
  explicit OnDemand(Current_ptr current) : m_current(Current::_duplicate(current)) {}
  CORBA::Boolean unknown_adapter(POA_ptr parent, const char* name) override;

 private:
  Current_var m_current;
};

struct Poas {
  POA_var root;
  Current_var current;
  CORBA::Object_var top;

  CORBA::PolicyList policies() {
    CORBA::PolicyList list(8);
    list.length(1);
    list[0] = root->create_id_assignment_policy(USER_ID);
    return list;
  }
  static void add(CORBA::PolicyList& list, CORBA::Policy_ptr policy) {
    list.length(list.length() + 1);
    list[list.length() - 1] = policy;
  }
  POA_ptr make(const char* name, POAManager_ptr manager, const CORBA::PolicyList& list) {
    POA_ptr poa = root->create_POA(name, manager, list);
    if (CORBA::is_nil(manager)) {
      POAManager_var own = poa->the_POAManager();
      own->activate();
    }
    return poa;
  }
  static CORBA::Object_ptr refer(POA_ptr poa, const char* id) {
    ObjectId_var oid = string_to_ObjectId(id);
    return poa->create_reference_with_id(oid, "IDL:test.orbweaver/Interop/Top:1.0");
  }
  // An object in a POA of its own, whose manager is still HOLDING.
  CORBA::Object_ptr with_manager(const char* name) {
    POA_var poa = root->create_POA(name, POAManager::_nil(), policies());
    ObjectId_var id = string_to_ObjectId("x");
    poa->activate_object_with_id(id, new Telling(name, current));
    return refer(poa, "x");
  }
  POAManager_ptr manager_of(const char* name) {
    POA_var poa = root->find_POA(name, false);
    return poa->the_POAManager();
  }
};

CORBA::Boolean OnDemand::unknown_adapter(POA_ptr parent, const char* name) {
  if (std::string(name) != "demand") return false;
  Poas poas{POA::_duplicate(parent), m_current, CORBA::Object::_nil()};
  CORBA::PolicyList list = poas.policies();
  Poas::add(list, poas.root->create_lifespan_policy(PERSISTENT));
  // omniORB answers the request that made the POA by what it was before: no object was active then.
  Poas::add(list, poas.root->create_request_processing_policy(USE_DEFAULT_SERVANT));
  Poas::add(list, poas.root->create_id_uniqueness_policy(MULTIPLE_ID));
  POA_var poa = poas.make(name, POAManager::_nil(), list);
  poa->set_servant(new Telling("demand", m_current));
  return true;
}

void make_all(Poas& poas) {
  CORBA::PolicyList list = poas.policies();
  Poas::add(list, poas.root->create_request_processing_policy(USE_DEFAULT_SERVANT));
  Poas::add(list, poas.root->create_id_uniqueness_policy(MULTIPLE_ID));
  POA_var poa = poas.make("default", POAManager::_nil(), list);
  poa->set_servant(new Telling("default", poas.current));

  list = poas.policies();
  Poas::add(list, poas.root->create_request_processing_policy(USE_SERVANT_MANAGER));
  poa = poas.make("activator", POAManager::_nil(), list);
  ServantManager_var manager = (new Activating(poas.current))->_this();
  poa->set_servant_manager(manager);

  Poas::add(list, poas.root->create_servant_retention_policy(NON_RETAIN));
  poa = poas.make("locator", POAManager::_nil(), list);
  manager = (new Locating(poas.current, poas.top))->_this();
  poa->set_servant_manager(manager);

  list = poas.policies();
  Poas::add(list, poas.root->create_thread_policy(SINGLE_THREAD_MODEL));
  poa = poas.make("single", POAManager::_nil(), list);
  ObjectId_var id = string_to_ObjectId("x");
  poa->activate_object_with_id(id, new Alone(poas.current));

  AdapterActivator_var activator = (new OnDemand(poas.current))->_this();
  poas.root->the_activator(activator);
}
}  // namespace

CORBA::Object_ptr poa_named(const std::string& name, CORBA::ORB_ptr orb, Interop::Top_ptr top) {
  static Poas poas;
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  if (CORBA::is_nil(poas.root)) {
    CORBA::Object_var object = orb->resolve_initial_references("RootPOA");
    poas.root = POA::_narrow(object);
    object = orb->resolve_initial_references("POACurrent");
    poas.current = Current::_narrow(object);
    poas.top = CORBA::Object::_duplicate(top);
    make_all(poas);
  }
  for (const char* each : {"default", "activator", "locator", "single"}) {
    const std::string prefix = std::string(each) + ".";
    if (name.rfind(prefix, 0) != 0) continue;
    POA_var poa = poas.root->find_POA(each, false);
    return Poas::refer(poa, name.substr(prefix.size()).c_str());
  }
  if (name == "demand" || name == "unknown") {
    // A reference to an object of a POA that is gone.
    CORBA::PolicyList list = poas.policies();
    Poas::add(list, poas.root->create_lifespan_policy(PERSISTENT));
    POA_var poa = poas.make(name.c_str(), POAManager::_nil(), list);
    CORBA::Object_ptr reference = Poas::refer(poa, "x");
    poa->destroy(false, false);
    return reference;
  }
  if (name == "activate") {
    POAManager_var manager = poas.manager_of("holding");
    manager->activate();
    return CORBA::Object::_nil();
  }
  if (name == "holding" || name == "discarding" || name == "inactive") {
    CORBA::Object_var object;
    try {
      POA_var poa = poas.root->find_POA(name.c_str(), false);
      object = Poas::refer(poa, "x");
    } catch (const POA::AdapterNonExistent&) {
      object = poas.with_manager(name.c_str());
      POAManager_var manager = poas.manager_of(name.c_str());
      if (name == "discarding") manager->discard_requests(false);
      if (name == "inactive") {
        manager->activate();
        manager->deactivate(false, false);
      }
    }
    if (name == "holding") {
      POAManager_var manager = poas.manager_of("holding");
      manager->hold_requests(false);
    }
    return object._retn();
  }
  if (name == "persistent") {
    // The server's root once more, with a reference that the next run of the server knows, too.
    CORBA::PolicyList list = poas.policies();
    Poas::add(list, poas.root->create_lifespan_policy(PERSISTENT));
    Poas::add(list, poas.root->create_id_uniqueness_policy(MULTIPLE_ID));
    POA_var poa;
    ObjectId_var id = string_to_ObjectId("root");
    try {
      poa = poas.root->find_POA("persistent", false);
    } catch (const POA::AdapterNonExistent&) {
      poa = poas.make("persistent", POAManager::_nil(), list);
      poa->activate_object_with_id(id, root_servant());
    }
    return poa->id_to_reference(id);
  }
  return CORBA::Object::_nil();
}
