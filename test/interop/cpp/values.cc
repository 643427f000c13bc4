#include "values.hh"
#include <set>
#include <vector>

using namespace Values;

namespace {
class SquareValue : public virtual OBV_Values::Square, public virtual CORBA::DefaultValueRefCountBase {
 public:
  SquareValue() = default;
  explicit SquareValue(CORBA::Double length) { side(length); }
  CORBA::Double area() override { return side() * side(); }
};

class FrameValue : public virtual OBV_Values::Frame, public virtual CORBA::DefaultValueRefCountBase {
 public:
  CORBA::Double area() override { return side() * side() - (hole() ? hole()->area() : 0); }
};

class SignValue : public virtual OBV_Values::Sign, public virtual CORBA::DefaultValueRefCountBase {
 public:
  char* title() override { return CORBA::string_dup(text()); }
};

template <class Value> class Factory : public CORBA::ValueFactoryBase {
  CORBA::ValueBase* create_for_unmarshal() override { return new Value(); }
};

template <class Value, class FactoryOf> void make_known(CORBA::ORB_ptr orb) {
  orb->register_value_factory(Value::_PD_repoId, new FactoryOf());
}

// Constructors take a value over, so one that is used twice is counted twice.
template <class Value> Value* once_more(Value* v) {
  CORBA::add_ref(v);
  return v;
}

Place* new_place(CORBA::Long x, const char* name) { return new OBV_Values::Place(x, name); }

// A town whose size, which is private, is its number and a half.
Town* new_town(CORBA::Long x, const char* name, Place* twin) {
  return new OBV_Values::Town(x, name, twin, x + 0.5);
}


// Bases are virtual, so a constructor passes nothing on to those of its base.
template <class Derived> Derived* filled(Derived* town, CORBA::Long x, const char* name) {
  town->x(x);
  town->name(name);
  Place* twin = new_place(1, "place");
  town->twin(twin);
  CORBA::remove_ref(twin);
  return town;
}

City* new_city() {
  City* city = new OBV_Values::City();
  city->lines(6);
  city->plan(make_node("tree", 0));
  city->suburb(new_town(2, "town", nullptr));
  return filled(city, 4, "city");
}

Secret* new_secret() {
  Secret* secret = new OBV_Values::Secret();
  secret->lines(7);
  Node* shared = make_node("shared", 0);
  secret->plan(shared);
  secret->suburb(new_town(2, "town", nullptr));
  secret->text("hidden");
  secret->more(shared);
  secret->last(new_city());
  return filled(secret, 5, "secret");
}
}  // namespace

void register_values(CORBA::ORB_ptr orb) {
  make_known<Node, Node_init>(orb);
  make_known<Vertex, Vertex_init>(orb);
  make_known<Shelf, Shelf_init>(orb);
  make_known<Place, Place_init>(orb);
  make_known<Town, Town_init>(orb);
  make_known<Island, Island_init>(orb);
  make_known<Square, Factory<SquareValue>>(orb);
  make_known<Frame, Factory<FrameValue>>(orb);
  make_known<Sign, Factory<SignValue>>(orb);
}

Node* make_node(const std::string& shape, CORBA::Long size) {
  if (shape == "one") return new OBV_Values::Node(3, nullptr, nullptr);
  if (shape == "tree")
    return new OBV_Values::Node(1, new OBV_Values::Node(2, nullptr, nullptr), new OBV_Values::Node(3, nullptr, nullptr));
  if (shape == "shared") {
    Node* both = new OBV_Values::Node(2, nullptr, nullptr);
    return new OBV_Values::Node(1, both, once_more(both));
  }
  if (shape != "ring" && shape != "chain") return nullptr;
  Node* next = nullptr;
  Node* last = nullptr;
  for (CORBA::Long i = size - 1; i >= 0; i--) {
    next = new OBV_Values::Node(i, nullptr, next);
    if (!last) last = next;
  }
  if (shape == "ring") last->right(next);
  return next;
}

Vertex* make_graph(CORBA::Long size) {
  std::vector<Vertex*> all;
  for (CORBA::Long i = 0; i < size; i++) {
    all.push_back(new OBV_Values::Vertex());
    all.back()->number(i);
  }
  for (long long i = 0; i < size; i++) {
    VertexSeq& edges = all[i]->edges();
    edges.length(3);
    const long long to[] = {(i + 1) % size, (i * 7 + 3) % size, i * i % size};
    for (CORBA::ULong k = 0; k < 3; k++) {
      CORBA::add_ref(all[to[k]]);
      edges[k] = all[to[k]];
    }
  }
  return all[0];
}

Place* make_place(const std::string& kind) {
  if (kind == "place") return new_place(1, "place");
  if (kind == "town") return new_town(2, "town", new_place(1, "place"));
  if (kind == "twins") {
    Town* town = new_town(3, "twins", nullptr);
    town->twin(town);
    return town;
  }
  if (kind == "city") return new_city();
  if (kind == "secret") return new_secret();
  if (kind == "island") return new OBV_Values::Island(7, "island", 1.5);
  return nullptr;
}

Text* make_text(const char* text) { return new Text(text); }

Longs* make_longs(CORBA::ULong length) {
  Longs* longs = new Longs(CORBA::ULong(0));
  longs->length(length);
  for (CORBA::ULong i = 0; i < length; i++) (*longs)[i] = CORBA::Long(i) * 3;
  return longs;
}

Shelf* make_shelf() {
  Longs* longs = make_longs(2);
  Pair pair = {9, 0.25};
  return new OBV_Values::Shelf(make_text("boxed"), longs, once_more(longs), new Two(pair), nullptr);
}

Square* make_square(CORBA::Double side) { return new SquareValue(side); }

Frame* make_frame(CORBA::Double side, CORBA::Double hole) {
  FrameValue* frame = new FrameValue();
  frame->side(side);
  frame->hole(new SquareValue(hole));
  return frame;
}

Sign* make_sign(const char* text) {
  SignValue* sign = new SignValue();
  sign->text(text);
  return sign;
}

CORBA::Any* make_value_any(const std::string& kind) {
  CORBA::Any* any = new CORBA::Any();
  if (kind == "node") *any <<= make_node("tree", 0);
  if (kind == "ring") *any <<= make_node("ring", 3);
  if (kind == "null") *any <<= static_cast<Node*>(nullptr);
  if (kind == "town") *any <<= Town::_downcast(make_place("town"));
  if (kind == "text") *any <<= make_text("boxed");
  return any;
}

CORBA::Long measure_node(Node* v, CORBA::Long& links, CORBA::LongLong& weight) {
  std::set<Node*> seen;
  std::vector<Node*> left;
  const auto meet = [&](Node* node) {
    if (node && seen.insert(node).second) left.push_back(node);
  };
  links = 0;
  weight = 0;
  meet(v);
  while (!left.empty()) {
    Node* node = left.back();
    left.pop_back();
    weight += node->weight();
    for (Node* next : {node->left(), node->right()}) {
      if (next) links++;
      meet(next);
    }
  }
  return seen.size();
}

namespace {
std::set<Vertex*> vertices_of(Vertex* v) {
  std::set<Vertex*> seen;
  std::vector<Vertex*> left;
  const auto meet = [&](Vertex* vertex) {
    if (vertex && seen.insert(vertex).second) left.push_back(vertex);
  };
  meet(v);
  while (!left.empty()) {
    VertexSeq& edges = left.back()->edges();
    left.pop_back();
    for (CORBA::ULong i = 0; i < edges.length(); i++) meet(edges[i].in());
  }
  return seen;
}
}  // namespace

CORBA::Long measure_vertex(Vertex* v, CORBA::Long& links, CORBA::LongLong& sum) {
  links = 0;
  sum = 0;
  const std::set<Vertex*> all = vertices_of(v);
  for (Vertex* vertex : all) {
    sum += vertex->number();
    links += vertex->edges().length();
  }
  return all.size();
}

std::string misplaced(Vertex* v, CORBA::Long size) {
  for (Vertex* vertex : vertices_of(v)) {
    const long long i = vertex->number();
    const long long to[] = {(i + 1) % size, (i * 7 + 3) % size, i * i % size};
    VertexSeq& edges = vertex->edges();
    for (CORBA::ULong k = 0; k < edges.length(); k++)
      if (edges[k]->number() != to[k]) return std::to_string(i);
  }
  return "";
}

std::string describe_node(Node* v) {
  CORBA::Long links;
  CORBA::LongLong weight;
  const CORBA::Long nodes = measure_node(v, links, weight);
  return std::to_string(nodes) + " nodes, " + std::to_string(links) + " links, weight " + std::to_string(weight);
}

std::string describe_place(Place* v) {
  if (!v) return "null";
  const std::string inside = std::to_string(v->x()) + "," + v->name();
  if (Town* town = Town::_downcast(v)) {
    const std::string twin = town->twin() == v ? "self" : describe_place(town->twin());
    const char* kind = Secret::_downcast(v) ? "Secret" : City::_downcast(v) ? "City" : "Town";
    return kind + ("(" + inside + ",twin=" + twin + ")");
  }
  return (Island::_downcast(v) ? "Island(" : "Place(") + inside + ")";
}

std::string describe_any(const CORBA::Any& v) {
  CORBA::TypeCode_var type = v.type();
  const std::string id = type->id();
  Node* node;
  Town* town;
  Text* text;
  if (v >>= node) return id + (node ? " " + describe_node(node) : " null");
  if (v >>= town) return id + " " + describe_place(town);
  if (v >>= text) return id + " " + (text ? text->_value() : "null");
  return id + " unknown";
}
