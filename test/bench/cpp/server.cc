// omniORB server of the bench: prints "ready IOR", ends with its standard input.
#include <iostream>
#include <thread>
#include <unistd.h>
#include "Echo.hh"

class ReflectorServant : public POA_Bench::Reflector {
public:
  Bench::Octets* echo(const Bench::Octets& data) override { return new Bench::Octets(data); }
  char* echo_string(const char* s) override { return CORBA::string_dup(s); }
  void quit() override { _exit(0); }
};

int main(int argc, char** argv) {
  CORBA::ORB_var orb = CORBA::ORB_init(argc, argv);
  CORBA::Object_var object = orb->resolve_initial_references("RootPOA");
  PortableServer::POA_var poa = PortableServer::POA::_narrow(object);
  PortableServer::Servant_var<ReflectorServant> servant = new ReflectorServant();
  PortableServer::ObjectId_var id = poa->activate_object(servant);
  Bench::Reflector_var echo = servant->_this();
  CORBA::String_var ior = orb->object_to_string(echo);
  PortableServer::POAManager_var manager = poa->the_POAManager();
  manager->activate();
  std::cout << "ready " << ior << std::endl;
  std::thread([] {
    char octet;
    while (read(0, &octet, 1) > 0) {
    }
    _exit(0);
  }).detach();
  orb->run();
}
