// What a client can do to a reference as text.
#ifndef INTEROP_REFERENCES_HH
#define INTEROP_REFERENCES_HH

#include <omniORB4/CORBA.h>
#include <string>

// The same reference without a type id, so that the ORB must ask the object what it is.
CORBA::Object_ptr without_type(CORBA::ORB_ptr orb, CORBA::Object_ptr object);
// corbaloc of another object key at the endpoint of the reference's first IIOP profile.
std::string corbaloc_beside(CORBA::ORB_ptr orb, CORBA::Object_ptr object, const std::string& key);

#endif
