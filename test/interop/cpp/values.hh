// Values of Values.idl: how both sides make them, and what they say of them.
#ifndef INTEROP_VALUES_HH
#define INTEROP_VALUES_HH

#include "Values.hh"
#include <string>

// Makes known all types but City and Secret.
void register_values(CORBA::ORB_ptr orb);

// By the names in Values.idl. What is made is left to the process: cycles count each other.
Values::Node* make_node(const std::string& shape, CORBA::Long size);
Values::Vertex* make_graph(CORBA::Long size);
Values::Place* make_place(const std::string& kind);
Values::Shelf* make_shelf();
Values::Square* make_square(CORBA::Double side);
Values::Frame* make_frame(CORBA::Double side, CORBA::Double hole);
Values::Sign* make_sign(const char* text);
Values::Text* make_text(const char* text);
Values::Longs* make_longs(CORBA::ULong length);
CORBA::Any* make_value_any(const std::string& kind);

CORBA::Long measure_node(Values::Node* v, CORBA::Long& links, CORBA::LongLong& weight);
CORBA::Long measure_vertex(Values::Vertex* v, CORBA::Long& links, CORBA::LongLong& sum);
// The first vertex whose edges do not lead where make_graph lets them; "" where there is none.
std::string misplaced(Values::Vertex* v, CORBA::Long size);
// "3 nodes, 2 links, weight 6"
std::string describe_node(Values::Node* v);
std::string describe_place(Values::Place* v);
std::string describe_any(const CORBA::Any& v);

#endif
