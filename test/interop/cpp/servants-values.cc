#include "servants.hh"
#include "values.hh"

using namespace Values;

namespace {
// An argument, once more, as a result.
template <class Value> Value* again(Value* v) {
  CORBA::add_ref(v);
  return v;
}

class ShopServant : public POA_Values::Shop {
 public:
  char* title() override { return CORBA::string_dup(("shop of " + m_sells).c_str()); }
  char* sells() override { return CORBA::string_dup(m_sells.c_str()); }
  void sells(const char* v) override { m_sells = v; }

 private:
  std::string m_sells = "maps";
};

class ServiceServant : public POA_Values::Service {
 public:
  ServiceServant() : m_shop(serve(new ShopServant())) {}

  Node* echo_node(Node* v) override { return again(v); }
  Node* make_node(const char* shape, CORBA::Long size) override { return ::make_node(shape, size); }
  CORBA::Long measure(Node* v, CORBA::Long& links, CORBA::LongLong& weight) override {
    return measure_node(v, links, weight);
  }
  Vertex* echo_vertex(Vertex* v) override { return again(v); }
  Vertex* make_graph(CORBA::Long size) override { return ::make_graph(size); }
  CORBA::Long measure_graph(Vertex* v, CORBA::Long& links, CORBA::LongLong& sum) override {
    return measure_vertex(v, links, sum);
  }

  Text* echo_text(Text* v) override { return again(v); }
  Wide* echo_wide(Wide* v) override { return again(v); }
  Longs* echo_longs(Longs* v) override { return again(v); }
  Two* echo_two(Two* v) override { return again(v); }
  Shelf* echo_shelf(Shelf* v) override { return again(v); }
  CORBA::Boolean same_longs(Longs*& a, Longs*& b) override { return a == b; }

  Place* echo_place(Place* v) override { return again(v); }
  Place* make_place(const char* kind) override { return ::make_place(kind); }
  char* describe_place(Place* v) override { return CORBA::string_dup(::describe_place(v).c_str()); }
  CORBA::Boolean same_place(Place*& a, Place*& b) override { return a == b; }

  Shape* echo_shape(Shape* v) override { return again(v); }
  CORBA::Double area_of(Shape* v) override { return v->area(); }
  Named_ptr echo_named(Named_ptr v) override { return Named::_duplicate(v); }
  Named_ptr make_named(const char* kind) override {
    const std::string name = kind;
    if (name == "shop") return Shop::_duplicate(m_shop);
    return name == "sign" ? make_sign("way out") : Named::_nil();
  }
  char* title_of(Named_ptr v) override { return v->title(); }

  Route* echo_route(const Route& v) override { return new Route(v); }
  Where* echo_where(const Where& v) override { return new Where(v); }
  void get_lost(Place* near) override { throw Lost(again(near), "no map"); }

  CORBA::ValueBase* echo_value(CORBA::ValueBase* v) override { return again(v); }
  CORBA::Any* echo_any(const CORBA::Any& v) override { return new CORBA::Any(v); }
  CORBA::Any* make_any(const char* kind) override { return make_value_any(kind); }
  char* describe_any(const CORBA::Any& v) override { return CORBA::string_dup(::describe_any(v).c_str()); }

 private:
  Shop_var m_shop;
};
}  // namespace

Service_ptr new_values() { return serve(new ServiceServant()); }
