#include "check.hh"
#include "servants.hh"
#include "values.hh"

using namespace Values;

namespace {
Service_ptr values_of(Peer& peer) {
  CORBA::Object_var found = peer.root->named("values");
  Service_ptr service = Service::_narrow(found);
  if (CORBA::is_nil(service)) throw Failure("\"values\" is no Values::Service");
  return service;
}

void expect_node(Node* got, Node* wanted, const std::string& what) {
  expect_text(describe_node(got).c_str(), describe_node(wanted), what);
}

// The same shape there and back, and as the server makes it and counts it.
void check_shape(Peer& peer, const std::string& shape, CORBA::Long size) {
  Service_var service = values_of(peer);
  Node* sent = make_node(shape, size);
  expect_node(service->echo_node(sent), sent, "echo");
  expect_node(service->make_node(shape.c_str(), size), sent, "made");
  CORBA::Long links, wanted_links;
  CORBA::LongLong weight, wanted_weight;
  const CORBA::Long nodes = service->measure(sent, links, weight);
  expect_equal(nodes, measure_node(sent, wanted_links, wanted_weight), "nodes");
  expect_equal(links, wanted_links, "links");
  expect_equal(weight, wanted_weight, "weight");
}

// omniORB 4.2.5 forgets a value that it notes when its table of them grows, and sends it twice.
const CORBA::Long SENT_TWICE = 2;

void check_graph(Peer& peer, CORBA::Long size) {
  Service_var service = values_of(peer);
  Vertex* sent = make_graph(size);
  CORBA::Long links;
  CORBA::LongLong sum;
  const CORBA::Long there = service->measure_graph(sent, links, sum);
  expect(there >= size && there <= size + SENT_TWICE, "vertices there: " + std::to_string(there));
  expect_equal(links, 3 * there, "links there");
  for (Vertex* got : {service->echo_vertex(sent), service->make_graph(size)}) {
    const CORBA::Long here = measure_vertex(got, links, sum);
    expect(here >= size && here <= size + 2 * SENT_TWICE, "vertices here: " + std::to_string(here));
    expect_equal(links, 3 * here, "links here");
    expect_text(misplaced(got, size).c_str(), "", "edges");
  }
}

// What our server sends is exactly the graph.
void check_exact_graph(Peer& peer, CORBA::Long size) {
  Service_var service = values_of(peer);
  CORBA::Long links, wanted_links;
  CORBA::LongLong sum, wanted_sum;
  const CORBA::Long wanted = measure_vertex(make_graph(size), wanted_links, wanted_sum);
  expect_equal(measure_vertex(service->make_graph(size), links, sum), wanted, "vertices");
  expect(links == wanted_links && sum == wanted_sum, "links and sum");
}

void expect_place(Place* got, const char* wanted, const std::string& what) {
  expect_text(describe_place(got).c_str(), wanted, what);
}

// Sent, received and sent back, as what the receivers know.
void check_place(Peer& peer, const char* kind, const char* wanted) {
  Service_var service = values_of(peer);
  Place* sent = make_place(kind);
  CORBA::String_var seen = service->describe_place(sent);
  expect_text(seen, wanted, "seen there");
  expect_place(service->make_place(kind), wanted, "made there");
  expect_place(service->echo_place(sent), wanted, "echo");
}

void expect_longs(Longs* got, CORBA::ULong length, const std::string& what) {
  expect(got != nullptr, what + ": null");
  expect_equal(got->length(), length, what);
  for (CORBA::ULong i = 0; i < length; i++) expect_equal((*got)[i], CORBA::Long(i) * 3, what);
}
}  // namespace

CHECK("values.null") {
  Service_var service = values_of(peer);
  expect(!service->echo_node(nullptr) && !service->echo_vertex(nullptr) && !service->echo_place(nullptr), "values");
  expect(!service->echo_text(nullptr) && !service->echo_longs(nullptr) && !service->echo_two(nullptr), "boxes");
  expect(!service->echo_value(nullptr), "ValueBase");
  expect(!service->make_node("null", 0) && !service->make_place("null"), "made there");
  CORBA::String_var seen = service->describe_place(nullptr);
  expect_text(seen, "null", "seen there");
}
CHECK("values.node.one") { check_shape(peer, "one", 0); }
CHECK("values.node.tree") { check_shape(peer, "tree", 0); }
CHECK("values.node.shared") { check_shape(peer, "shared", 0); }
CHECK("values.node.ring1") { check_shape(peer, "ring", 1); }
CHECK("values.node.ring100") { check_shape(peer, "ring", 100); }
CHECK("values.node.chain10000") { check_shape(peer, "chain", 10000); }
CHECK("values.graph.1") { check_graph(peer, 1); }
CHECK("values.graph.100") { check_graph(peer, 100); }
CHECK("values.graph.10000") { check_graph(peer, 10000); }
CHECK("values.exact-graph.10000") { check_exact_graph(peer, 10000); }

CHECK("values.box.text") {
  Service_var service = values_of(peer);
  for (const char* text : {"", "boxed"}) expect_text(service->echo_text(make_text(text))->_value(), text, "text");
}
CHECK("values.box.sequence") {
  Service_var service = values_of(peer);
  for (CORBA::ULong n : {0u, 1u, 1000u}) expect_longs(service->echo_longs(make_longs(n)), n, "longs");
}
CHECK("values.box.struct") {
  Service_var service = values_of(peer);
  Pair pair = {9, 0.25};
  Two* two = service->echo_two(new Two(pair));
  expect(two->first() == 9 && two->second() == 0.25, "pair");
}
CHECK("values.box.members") {
  Service_var service = values_of(peer);
  Shelf* got = service->echo_shelf(make_shelf());
  expect_text(got->a()->_value(), "boxed", "text");
  expect_longs(got->b(), 2, "longs");
  expect(got->b() == got->c(), "one box became two");
  expect(got->d() && got->d()->second() == 0.25 && !got->e(), "pair and null");
}
CHECK("values.box.same_arguments") {
  Service_var service = values_of(peer);
  Longs* a = make_longs(3);
  Longs* b = a;
  CORBA::add_ref(b);
  expect(service->same_longs(a, b) && a == b, "one box became two");
  expect_longs(a, 3, "longs");
  b = make_longs(3);
  expect(!service->same_longs(a, b) && a != b, "two boxes became one");
}
CHECK("wide.values.box") {
  Service_var service = values_of(peer);
  const CORBA::WChar text[] = {0x20ac, 0x31, 0};
  Wide* got = service->echo_wide(new Wide(text));
  expect(got->_value()[0] == 0x20ac && got->_value()[1] == 0x31 && got->_value()[2] == 0, "text");
}

CHECK("values.place.place") { check_place(peer, "place", "Place(1,place)"); }
CHECK("values.place.island") { check_place(peer, "island", "Island(7,island)"); }
CHECK("values.place.town") { check_place(peer, "town", "Town(2,town,twin=Place(1,place))"); }
CHECK("values.place.twins") { check_place(peer, "twins", "Town(3,twins,twin=self)"); }
CHECK("values.truncated.city") { check_place(peer, "city", "Town(4,city,twin=Place(1,place))"); }
CHECK("values.truncated.secret") { check_place(peer, "secret", "Town(5,secret,twin=Place(1,place))"); }
CHECK("values.truncated.same_arguments") {
  Service_var service = values_of(peer);
  Place* a = make_place("secret");
  Place* b = a;
  CORBA::add_ref(b);
  expect(service->same_place(a, b) && a == b, "one value became two");
  expect_place(a, "Town(5,secret,twin=Place(1,place))", "truncated");
}
CHECK("values.truncated.then_more") {
  Service_var service = values_of(peer);
  Place* a = make_place("secret");
  Place* b = make_place("twins");
  expect(!service->same_place(a, b), "two values became one");
  expect_place(a, "Town(5,secret,twin=Place(1,place))", "the truncated one");
  expect_place(b, "Town(3,twins,twin=self)", "the one behind it");
}
CHECK("values.same_arguments") {
  Service_var service = values_of(peer);
  Place* a = make_place("place");
  Town* town = Town::_downcast(make_place("town"));
  town->twin(a);
  Place* b = town;
  expect(!service->same_place(a, b), "two values became one");
  expect(Town::_downcast(b)->twin() == a, "the twin became another");
}

CHECK("values.abstract.area") {
  Service_var service = values_of(peer);
  Square* square = make_square(3);
  expect_equal(service->area_of(square), 9, "square");
  expect_equal(service->area_of(make_frame(3, 2)), 5, "frame");
  Shape* got = service->echo_shape(make_frame(4, 1));
  expect_equal(got->area(), 15, "echo");
}
CHECK("values.interface.sign") {
  Service_var service = values_of(peer);
  CORBA::String_var title = service->title_of(make_sign("no entry"));
  expect_text(title, "no entry", "title there");
  Named_var made = service->make_named("sign");
  title = made->title();
  expect_text(title, "way out", "title here");
  Named_var echo = service->echo_named(make_sign("exit"));
  title = echo->title();
  expect_text(title, "exit", "echo");
}
CHECK("values.interface.shop") {
  Service_var service = values_of(peer);
  Named_var named = service->make_named("shop");
  CORBA::String_var title = named->title();
  expect_text(title, "shop of maps", "asked");
  title = service->title_of(named);
  expect_text(title, "shop of maps", "title there");
  Named_var echo = service->echo_named(named);
  title = echo->title();
  expect_text(title, "shop of maps", "echo");
}
CHECK("values.interface.nil") {
  Service_var service = values_of(peer);
  Named_var made = service->make_named("nil");
  expect(CORBA::is_nil(made), "made there");
  Named_var echo = service->echo_named(Named::_nil());
  expect(CORBA::is_nil(echo), "echo");
}

CHECK("values.in_struct") {
  Service_var service = values_of(peer);
  Route route;
  Place* place = make_place("place");
  route.number = 7;
  route.from = place;
  CORBA::add_ref(place);
  route.to = place;
  route.by.length(2);
  route.by[0] = make_place("secret");
  route.by[1] = static_cast<Place*>(nullptr);
  Route_var got = service->echo_route(route);
  expect(got->number == 7 && got->from.in() == got->to.in(), "from and to became two");
  expect_place(got->by[0].in(), "Town(5,secret,twin=Place(1,place))", "by");
  expect(got->by[1].in() == nullptr, "null");
}
CHECK("values.in_union") {
  Service_var service = values_of(peer);
  Where where;
  where.known(make_place("town"));
  Where_var got = service->echo_where(where);
  expect_place(got->known(), "Town(2,town,twin=Place(1,place))", "known");
}
CHECK("values.in_exception") {
  Service_var service = values_of(peer);
  const Lost lost = expect_throw<Lost>("get_lost", [&] { service->get_lost(make_place("island")); });
  expect_text(lost.why, "no map", "why");
  expect_place(lost.near.in(), "Island(7,island)", "near");
}
CHECK("values.in_exception.chunked") {
  Service_var service = values_of(peer);
  const Lost lost = expect_throw<Lost>("get_lost", [&] { service->get_lost(make_place("secret")); });
  expect_place(lost.near.in(), "Town(5,secret,twin=Place(1,place))", "near");
}
CHECK("values.value_base") {
  Service_var service = values_of(peer);
  expect_node(Node::_downcast(service->echo_value(make_node("ring", 5))), make_node("ring", 5), "ring");
  expect_place(Place::_downcast(service->echo_value(make_place("town"))), "Town(2,town,twin=Place(1,place))", "town");
  expect_place(Place::_downcast(service->echo_value(make_place("secret"))), "Town(5,secret,twin=Place(1,place))",
               "secret");
}
CHECK("values.value_base.box") {
  Service_var service = values_of(peer);
  Text* got = Text::_downcast(service->echo_value(make_text("boxed")));
  expect(got != nullptr, "no Text");
  expect_text(got->_value(), "boxed", "text");
}

namespace {
void check_any(Peer& peer, const char* kind) {
  Service_var service = values_of(peer);
  CORBA::Any_var sent = make_value_any(kind);
  // A null that was not received yet cannot be taken out of an any.
  const bool is_null = std::string(kind) == "null";
  const std::string wanted = is_null ? std::string(Node::_PD_repoId) + " null" : describe_any(sent);
  CORBA::String_var seen = service->describe_any(sent);
  expect_text(seen, wanted, "seen there");
  CORBA::Any_var made = service->make_any(kind);
  expect_text(describe_any(made).c_str(), wanted, "made there");
  CORBA::Any_var echo = service->echo_any(sent);
  expect_text(describe_any(echo).c_str(), wanted, "echo");
}
}  // namespace

CHECK("values.any.node") { check_any(peer, "node"); }
CHECK("values.any.ring") { check_any(peer, "ring"); }
CHECK("values.any.town") { check_any(peer, "town"); }
CHECK("values.any.text") { check_any(peer, "text"); }
CHECK("values.any.null") { check_any(peer, "null"); }
