// Asynchronous calls: what works, what calls, and what receives the answers, each a process of its own.
//   ami serve [-ORB...]                     serves an Ami::Worker
//   ami handle [-ORB...]                    serves an Ami::AMI_WorkerHandler
//   ami wait WORKER [-ORB...]               calls WORKER, which does not answer; says how that ends
//   ami call WORKER [HANDLER] [-ORB...]     calls WORKER asynchronously; the answers go to HANDLER, or to one of its own
// The first two print their IOR, then "ready", and end when standard input ends. A handler prints one line an answer.
#include "Ami.hh"
#include <condition_variable>
#include <functional>
#include <iostream>
#include <mutex>
#include <string>
#include <unistd.h>

namespace {
std::mutex mutex;
std::condition_variable changed;
int answers = 0;

void say(const std::string& line) {
  std::lock_guard<std::mutex> lock(mutex);
  std::cout << line << std::endl;
  answers++;
  changed.notify_all();
}

std::string raised(const std::function<void()>& raise) {
  try {
    raise();
    return "nothing";
  } catch (const Ami::Refused& e) {
    return std::string("Refused ") + e.why.in() + " " + std::to_string(e.code);
  } catch (const CORBA::SystemException& e) {
    static const char* const completions[] = {"COMPLETED_YES", "COMPLETED_NO", "COMPLETED_MAYBE"};
    return std::string(e._name()) + " " + completions[e.completed()];
  } catch (const CORBA::Exception& e) {
    return std::string("some ") + e._name();
  }
}

class Handler : public POA_Ami::AMI_WorkerHandler {
 public:
  void get_name(const char* value) override { say(std::string("get_name ") + value); }
  void get_name_excep(Messaging::ExceptionHolder* holder) override { failed("get_name", holder); }
  void get_level(CORBA::Long value) override { say("get_level " + std::to_string(value)); }
  void get_level_excep(Messaging::ExceptionHolder* holder) override { failed("get_level", holder); }
  void set_level() override { say("set_level"); }
  void set_level_excep(Messaging::ExceptionHolder* holder) override { failed("set_level", holder); }
  void work(const char* value, CORBA::Long count, const char* trace) override {
    say(std::string("work ") + value + " " + std::to_string(count) + " " + trace);
  }
  void work_excep(Messaging::ExceptionHolder* holder) override { failed("work", holder); }
  void rest() override { say("rest"); }
  void rest_excep(Messaging::ExceptionHolder* holder) override { failed("rest", holder); }

 private:
  void failed(const char* what, Messaging::ExceptionHolder* holder) {
    say(std::string(what) + "_excep " + raised([&] { holder->raise_exception(); }));
  }
};

// omniORB's IDL gives holders no state, and there is no factory for them: this one reads what Messaging.idl says.
class Told : public OBV_Messaging::ExceptionHolder, public virtual CORBA::DefaultValueRefCountBase {
 public:
  void raise_exception() override {
    cdrMemoryStream in(m_octets.get_buffer(), m_octets.length());
    in.setByteSwapFlag(m_is_little);
    CORBA::String_var id = in.unmarshalRawString();
    if (!m_is_system) {
      Ami::Refused refused;
      refused <<= in;
      throw refused;
    }
    CORBA::ULong minor, completed;
    minor <<= in;
    completed <<= in;
    const auto status = static_cast<CORBA::CompletionStatus>(completed);
    if (std::string(id.in()) == "IDL:omg.org/CORBA/NO_IMPLEMENT:1.0") throw CORBA::NO_IMPLEMENT(minor, status);
    throw CORBA::UNKNOWN(minor, status);
  }
  void _PR_unmarshal_state(cdrStream& in) override {
    m_is_system = in.unmarshalBoolean();
    m_is_little = in.unmarshalBoolean();
    m_octets <<= in;
  }

 private:
  bool m_is_system = false, m_is_little = false;
  CORBA::OctetSeq m_octets;
};

class ToldFactory : public CORBA::ValueFactoryBase {
 private:
  CORBA::ValueBase* create_for_unmarshal() override { return new Told(); }
};

class Worker : public POA_Ami::Worker {
 public:
  char* name() override { return CORBA::string_dup("omniORB"); }
  CORBA::Long level() override { return m_level; }
  void level(CORBA::Long value) override { m_level = value; }
  char* work(const char* task, CORBA::Long& count, CORBA::String_out trace) override {
    const std::string what = task;
    if (what == "refuse") throw Ami::Refused("no", count);
    if (what == "crash") throw CORBA::NO_IMPLEMENT(0, CORBA::COMPLETED_YES);
    if (what == "park") {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] { return m_released; });
    }
    count++;
    trace = CORBA::string_dup("omniORB");
    return CORBA::string_dup(("did " + what).c_str());
  }
  void release() override {
    std::lock_guard<std::mutex> lock(mutex);
    m_released = true;
    changed.notify_all();
  }
  void rest() override {}

 private:
  CORBA::Long m_level = 0;
  bool m_released = false;
};

PortableServer::POA_ptr active_poa(CORBA::ORB_ptr orb) {
  CORBA::Object_var object = orb->resolve_initial_references("RootPOA");
  PortableServer::POA_var root = PortableServer::POA::_narrow(object);
  PortableServer::POAManager_var manager = root->the_POAManager();
  manager->activate();
  return root._retn();
}

template <class S> CORBA::Object_ptr activated(CORBA::ORB_ptr orb) {
  PortableServer::POA_var poa = active_poa(orb);
  PortableServer::Servant_var<S> servant = new S();
  PortableServer::ObjectId_var id = poa->activate_object(servant);
  return poa->id_to_reference(id);
}

int serve(CORBA::ORB_ptr orb, CORBA::Object_ptr object) {
  CORBA::String_var ior = orb->object_to_string(object);
  std::cout << ior.in() << "\nready" << std::endl;
  char octet;
  while (read(0, &octet, 1) > 0) continue;
  orb->destroy();
  return 0;
}

int call(CORBA::ORB_ptr orb, const char* worker_text, const char* handler_text) {
  CORBA::Object_var object = orb->string_to_object(worker_text);
  Ami::Worker_var worker = Ami::Worker::_narrow(object);
  const bool is_own = handler_text == nullptr;
  object = is_own ? activated<Handler>(orb) : orb->string_to_object(handler_text);
  Ami::AMI_WorkerHandler_var handler = Ami::AMI_WorkerHandler::_narrow(object);
  // One after the other, so that their order is known; with a handler elsewhere nobody here is told.
  int sent = 0;
  const auto answered = [&] {
    sent++;
    if (!is_own) return;
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return answers >= sent; });
  };
  worker->sendc_work(handler, "this", 4);
  answered();
  worker->sendc_work(handler, "refuse", 5);
  answered();
  worker->sendc_work(handler, "crash", 6);
  answered();
  worker->sendc_set_level(handler, 7);
  answered();
  worker->sendc_get_level(handler);
  answered();
  worker->sendc_get_name(handler);
  answered();
  worker->sendc_rest(handler);
  answered();
  // Answered only after `release`, which the call does not wait for.
  worker->sendc_work(handler, "park", 8);
  worker->release();
  answered();
  if (!is_own) {
    std::cout << "sent" << std::endl;
    char octet;
    while (read(0, &octet, 1) > 0) continue;
  }
  orb->destroy();
  return 0;
}
// The call ends by -ORBclientCallTimeOutPeriod.
int wait(CORBA::ORB_ptr orb, const char* worker_text) {
  CORBA::Object_var object = orb->string_to_object(worker_text);
  Ami::Worker_var worker = Ami::Worker::_narrow(object);
  say("work " + raised([&] {
        CORBA::Long count = 1;
        CORBA::String_var trace, result = worker->work("park", count, trace.out());
      }));
  worker->release();
  worker->rest();
  say("rest");
  orb->destroy();
  return 0;
}
}  // namespace

int main(int argc, char** argv) {
  CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
  const std::string what = argc > 1 ? argv[1] : "";
  try {
    if (what == "serve") {
      CORBA::Object_var worker = activated<Worker>(orb);
      return serve(orb, worker);
    }
    if (what == "handle") {
      CORBA::ValueFactoryBase* factory = new ToldFactory();
      orb->register_value_factory("IDL:omg.org/Messaging/ExceptionHolder:1.0", factory);
      CORBA::Object_var handler = activated<Handler>(orb);
      return serve(orb, handler);
    }
    if (what == "call" && argc > 2) return call(orb, argv[2], argc > 3 ? argv[3] : nullptr);
    if (what == "wait" && argc > 2) return wait(orb, argv[2]);
    std::cerr << "ami: serve, handle or call WORKER [HANDLER]\n";
  } catch (const CORBA::Exception& e) {
    std::cerr << "ami: " << e._name() << "\n";
  }
  return 2;
}
