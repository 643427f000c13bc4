#include "check.hh"
#include <set>

// Checks of the naming service behind -ORBInitRef NameService=...; only what the specification says and omniNames does.
// Each works in a context of its own, which it leaves behind empty and unbound.
namespace {
using CosNaming::Binding_var;
using CosNaming::BindingIterator_var;
using CosNaming::BindingList_var;
using CosNaming::Name;
using CosNaming::Name_var;
using CosNaming::NamingContext;
using CosNaming::NamingContext_var;
using CosNaming::NamingContextExt;
using CosNaming::NamingContextExt_var;

NamingContextExt_var root_context(Peer& peer) {
  CORBA::Object_var object = peer.orb->resolve_initial_references("NameService");
  NamingContextExt_var context = NamingContextExt::_narrow(object);
  if (CORBA::is_nil(context)) throw Failure("NameService is no NamingContextExt");
  return context;
}

Name name_of(std::initializer_list<std::pair<const char*, const char*>> components) {
  Name name;
  name.length(components.size());
  CORBA::ULong i = 0;
  for (const auto& component : components) {
    name[i].id = CORBA::string_dup(component.first);
    name[i++].kind = CORBA::string_dup(component.second);
  }
  return name;
}

void expect_name(const Name& got, const Name& wanted, const std::string& what) {
  expect_equal(got.length(), wanted.length(), what + " length");
  for (CORBA::ULong i = 0; i < wanted.length(); i++) {
    expect_text(got[i].id, wanted[i].id.in(), what + " id");
    expect_text(got[i].kind, wanted[i].kind.in(), what + " kind");
  }
}

// A context bound in the root for the time of one check.
class Scratch {
 public:
  Scratch(Peer& peer, const char* label) : m_root(root_context(peer)), m_name(name_of({{label, "interop-check"}})) {
    NamingContext_var made = m_root->bind_new_context(m_name);
    m_context = NamingContextExt::_narrow(made);
    if (CORBA::is_nil(m_context)) throw Failure("a new context is no NamingContextExt");
  }
  ~Scratch() {
    try {
      empty(m_context);
      m_root->unbind(m_name);
      m_context->destroy();
    } catch (const CORBA::Exception&) {
      // The check has failed already, or destroyed it.
    }
  }
  CosNaming::NamingContextExt_ptr operator->() const { return m_context; }
  Name beneath(const Name& rest) const {
    Name whole = m_name;
    whole.length(1 + rest.length());
    for (CORBA::ULong i = 0; i < rest.length(); i++) whole[i + 1] = rest[i];
    return whole;
  }
  CosNaming::NamingContextExt_ptr root() const { return m_root; }

 private:
  static void empty(CosNaming::NamingContext_ptr context) {
    BindingList_var bindings;
    BindingIterator_var rest;
    context->list(10000, bindings.out(), rest.out());
    if (!CORBA::is_nil(rest)) rest->destroy();
    for (CORBA::ULong i = 0; i < bindings->length(); i++) {
      if (bindings[i].binding_type == CosNaming::ncontext) {
        CORBA::Object_var object = context->resolve(bindings[i].binding_name);
        NamingContext_var inner = NamingContext::_narrow(object);
        if (!CORBA::is_nil(inner)) {
          empty(inner);
          context->unbind(bindings[i].binding_name);
          inner->destroy();
          continue;
        }
      }
      context->unbind(bindings[i].binding_name);
    }
  }
  NamingContextExt_var m_root;
  Name m_name;
  NamingContextExt_var m_context;
};

void expect_not_found(const std::string& what, NamingContext::NotFoundReason why, const Name& rest,
                      const std::function<void()>& call) {
  const auto e = expect_throw<NamingContext::NotFound>(what, call);
  expect_equal(static_cast<int>(e.why), static_cast<int>(why), what + " why");
  expect_name(e.rest_of_name, rest, what + " rest_of_name");
}

void resolve(CosNaming::NamingContext_ptr context, const Name& name) { CORBA::Object_var object = context->resolve(name); }
}  // namespace

CHECK("naming.root") {
  NamingContextExt_var root = root_context(peer);
  expect(!root->_non_existent(), "it exists");
  expect(root->_is_a("IDL:omg.org/CosNaming/NamingContext:1.0"), "a NamingContext");
  expect(!root->_is_a("IDL:omg.org/CosNaming/BindingIterator:1.0"), "no BindingIterator");
}
CHECK("naming.bind") {
  Scratch context(peer, "bind");
  const Name name = name_of({{"root", "object"}});
  context->bind(name, peer.root);
  CORBA::Object_var object = context->resolve(name);
  Interop::Root_var found = Interop::Root::_narrow(object);
  expect(!CORBA::is_nil(found), "a Root");
  Interop::Primitives_var primitives = found->of_primitives();
  expect_equal(primitives->flip_octet(1), 254, "a call");
  expect_throw<NamingContext::AlreadyBound>("bind again", [&] { context->bind(name, peer.root); });
  // Neither id nor kind alone is the name, and letters of another case are others.
  const Name others[] = {name_of({{"root", ""}}), name_of({{"", "object"}}), name_of({{"Root", "object"}})};
  for (const Name& other : others)
    expect_not_found("another name", NamingContext::missing_node, other, [&] { resolve(context.operator->(), other); });
}
CHECK("naming.bind.compound") {
  Scratch context(peer, "compound");
  NamingContext_var inner = context->bind_new_context(name_of({{"a", ""}}));
  context->bind(name_of({{"a", ""}, {"b", "object"}}), peer.root);
  CORBA::Object_var object = inner->resolve(name_of({{"b", "object"}}));
  expect(object->_is_equivalent(peer.root), "bound in the inner context");
  object = context.root()->resolve(context.beneath(name_of({{"a", ""}, {"b", "object"}})));
  expect(object->_is_equivalent(peer.root), "resolved from the root");
}
CHECK("naming.rebind") {
  Scratch context(peer, "rebind");
  const Name name = name_of({{"x", ""}});
  CORBA::Object_var references = peer.root->of_references();
  context->rebind(name, references);
  context->rebind(name, peer.root);
  CORBA::Object_var object = context->resolve(name);
  expect(object->_is_equivalent(peer.root) && !object->_is_equivalent(references), "bound again");
}
CHECK("naming.unbind") {
  Scratch context(peer, "unbind");
  const Name name = name_of({{"x", "y"}});
  context->bind(name, peer.root);
  context->unbind(name);
  expect_not_found("resolve", NamingContext::missing_node, name, [&] { resolve(context.operator->(), name); });
  expect_not_found("unbind", NamingContext::missing_node, name, [&] { context->unbind(name); });
}
CHECK("naming.contexts") {
  Scratch context(peer, "contexts");
  NamingContext_var made = context->new_context();
  expect(!CORBA::is_nil(made), "a new context");
  const Name name = name_of({{"c", "context"}});
  context->bind_context(name, made);
  expect_throw<NamingContext::AlreadyBound>("bind_context again", [&] { context->bind_context(name, made); });
  expect_throw<NamingContext::AlreadyBound>("bind_new_context again",
                                            [&] { NamingContext_var again = context->bind_new_context(name); });
  NamingContext_var other = context->new_context();
  context->rebind_context(name, other);
  CORBA::Object_var object = context->resolve(name);
  expect(object->_is_equivalent(other), "the context bound last");
  made->destroy();
}
CHECK("naming.not_found") {
  Scratch context(peer, "not_found");
  context->bind(name_of({{"object", ""}}), peer.root);
  const Name missing = name_of({{"a", "1"}, {"b", ""}, {"c", ""}});
  expect_not_found("missing_node", NamingContext::missing_node, missing, [&] { resolve(context.operator->(), missing); });
  const Name through = name_of({{"object", ""}, {"b", ""}});
  expect_not_found("not_context", NamingContext::not_context, through, [&] { resolve(context.operator->(), through); });
  NamingContext_var inner = context->bind_new_context(name_of({{"inner", ""}}));
  expect_not_found("beneath", NamingContext::missing_node, name_of({{"b", ""}, {"c", ""}}), [&] {
    context->bind(name_of({{"inner", ""}, {"b", ""}, {"c", ""}}), peer.root);
  });
}
CHECK("naming.invalid_name") {
  Scratch context(peer, "invalid_name");
  const Name none;
  expect_throw<NamingContext::InvalidName>("resolve", [&] { resolve(context.operator->(), none); });
  expect_throw<NamingContext::InvalidName>("bind", [&] { context->bind(none, peer.root); });
  expect_throw<NamingContext::InvalidName>("unbind", [&] { context->unbind(none); });
  expect_throw<NamingContext::InvalidName>("bind_new_context", [&] { NamingContext_var v = context->bind_new_context(none); });
  expect_throw<NamingContext::InvalidName>("to_string", [&] { CORBA::String_var v = context->to_string(none); });
}
CHECK("naming.destroy") {
  Scratch context(peer, "destroy");
  NamingContext_var inner = context->bind_new_context(name_of({{"inner", ""}}));
  inner->bind(name_of({{"x", ""}}), peer.root);
  expect_throw<NamingContext::NotEmpty>("destroy", [&] { inner->destroy(); });
  inner->unbind(name_of({{"x", ""}}));
  context->unbind(name_of({{"inner", ""}}));
  inner->destroy();
  expect_throw<CORBA::OBJECT_NOT_EXIST>("a call of a destroyed context", [&] { resolve(inner, name_of({{"x", ""}})); });
}
CHECK("naming.list") {
  Scratch context(peer, "list");
  context->bind(name_of({{"object", "k"}}), peer.root);
  NamingContext_var inner = context->bind_new_context(name_of({{"inner", ""}}));
  BindingList_var bindings;
  BindingIterator_var rest;
  context->list(10, bindings.out(), rest.out());
  expect_equal(bindings->length(), 2u, "bindings");
  expect(CORBA::is_nil(rest), "no iterator where all was returned");
  for (CORBA::ULong i = 0; i < 2; i++) {
    expect_equal(bindings[i].binding_name.length(), 1u, "components");
    const bool is_object = std::string(bindings[i].binding_name[0].id) == "object";
    expect(bindings[i].binding_type == (is_object ? CosNaming::nobject : CosNaming::ncontext), "binding type");
  }
}
CHECK("naming.iterator.next_one") {
  Scratch context(peer, "next_one");
  const std::set<std::string> wanted = {"a", "b", "c"};
  for (const std::string& id : wanted) context->bind(name_of({{id.c_str(), ""}}), peer.root);
  BindingList_var bindings;
  BindingIterator_var rest;
  context->list(0, bindings.out(), rest.out());
  expect_equal(bindings->length(), 0u, "bindings");
  expect(!CORBA::is_nil(rest), "an iterator");
  std::set<std::string> found;
  Binding_var binding;
  while (rest->next_one(binding.out())) found.insert(binding->binding_name[0].id.in());
  expect(found == wanted, "each binding once");
  expect_equal(binding->binding_name.length(), 0u, "the name at the end");
  rest->destroy();
  expect_throw<CORBA::OBJECT_NOT_EXIST>("a destroyed iterator", [&] { rest->next_one(binding.out()); });
}
CHECK("naming.iterator.next_n") {
  Scratch context(peer, "next_n");
  std::set<std::string> wanted, found;
  for (int i = 0; i < 250; i++) {
    const std::string id = "binding " + std::to_string(i);
    wanted.insert(id);
    context->bind(name_of({{id.c_str(), "k"}}), peer.root);
  }
  BindingList_var bindings;
  BindingIterator_var rest;
  context->list(50, bindings.out(), rest.out());
  expect_equal(bindings->length(), 50u, "bindings of list");
  expect(!CORBA::is_nil(rest), "an iterator");
  CORBA::Boolean more;
  do {
    for (CORBA::ULong i = 0; i < bindings->length(); i++) found.insert(bindings[i].binding_name[0].id.in());
    more = rest->next_n(60, bindings.out());
    expect(bindings->length() <= 60, "60 at most");
  } while (more);
  expect(found == wanted, "each binding once");
  rest->destroy();
}
CHECK("naming.to_string") {
  NamingContextExt_var root = root_context(peer);
  const std::pair<Name, const char*> samples[] = {
      {name_of({{"a", ""}}), "a"},          {name_of({{"a", "b"}}), "a.b"},
      {name_of({{"", "b"}}), ".b"},         {name_of({{"", ""}}), "."},
      {name_of({{"x.y", "z/w"}}), "x\\.y.z\\/w"}, {name_of({{"a\\b", ""}}), "a\\\\b"},
      {name_of({{"a", ""}, {"", ""}, {"c", "d"}}), "a/./c.d"}};
  for (const auto& sample : samples) {
    CORBA::String_var text = root->to_string(sample.first);
    expect_text(text, sample.second, "to_string");
    Name_var name = root->to_name(sample.second);
    expect_name(name, sample.first, std::string("to_name of ") + sample.second);
  }
}
CHECK("naming.to_name.invalid") {
  NamingContextExt_var root = root_context(peer);
  for (const char* text : {"", "a.", "a.b.c", "a//b", "/a", "a/", "a\\", ".."})
    expect_throw<NamingContext::InvalidName>(std::string("to_name of ") + text, [&] { Name_var v = root->to_name(text); });
}
CHECK("naming.to_url") {
  NamingContextExt_var root = root_context(peer);
  const char* const samples[][3] = {{":host:2809", "a/b c", "corbaname::host:2809#a/b%20c"},
                                    {"rir:", "a.b", "corbaname:rir:#a.b"},
                                    {"iiop:h:1/key", "x", "corbaname:iiop:h:1/key#x"},
                                    {":h", "a%b\\.c", "corbaname::h#a%25b%5c.c"}};
  for (const auto& sample : samples) {
    CORBA::String_var url = root->to_url(sample[0], sample[1]);
    expect_text(url, sample[2], "to_url");
  }
  expect_throw<NamingContextExt::InvalidAddress>("no address", [&] { CORBA::String_var v = root->to_url("", "a"); });
  expect_throw<NamingContext::InvalidName>("no name", [&] { CORBA::String_var v = root->to_url(":h", "a."); });
}
CHECK("naming.resolve_str") {
  Scratch context(peer, "resolve_str");
  context->bind(name_of({{"x.y", "z/w"}}), peer.root);
  CORBA::Object_var object = context->resolve_str("x\\.y.z\\/w");
  expect(object->_is_equivalent(peer.root), "resolved");
  expect_throw<NamingContext::InvalidName>("a.", [&] { CORBA::Object_var v = context->resolve_str("a."); });
  expect_not_found("missing", NamingContext::missing_node, name_of({{"m", "n"}}),
                   [&] { CORBA::Object_var v = context->resolve_str("m.n"); });
}
CHECK("naming.latin1") {
  Scratch context(peer, "latin1");
  const Name name = name_of({{"caf\xe9", "\xdf"}});
  context->bind(name, peer.root);
  CORBA::Object_var object = context->resolve(name);
  expect(object->_is_equivalent(peer.root), "resolved");
  BindingList_var bindings;
  BindingIterator_var rest;
  context->list(10, bindings.out(), rest.out());
  expect_equal(bindings->length(), 1u, "bindings");
  expect_name(bindings[0].binding_name, name, "listed");
}
CHECK("naming.corbaname") {
  Scratch context(peer, "corbaname");
  context->bind(name_of({{"root", "object"}}), peer.root);
  CORBA::Object_var object = peer.orb->string_to_object("corbaname:rir:#corbaname.interop-check/root.object");
  Interop::Root_var found = Interop::Root::_narrow(object);
  expect(!CORBA::is_nil(found), "a Root");
  found->named("nobody");
}
CHECK("naming.foreign_context") {
  // A context that is not there breaks the walk, it does not hang it.
  Scratch context(peer, "foreign");
  NamingContext_var gone = context->new_context();
  context->bind_context(name_of({{"gone", ""}}), gone);
  gone->destroy();
  const Name through = name_of({{"gone", ""}, {"x", ""}});
  try {
    resolve(context.operator->(), through);
    throw Failure("resolved through a destroyed context");
  } catch (const NamingContext::CannotProceed& e) {
    expect_name(e.rest_of_name, name_of({{"x", ""}}), "rest_of_name");
  } catch (const CORBA::OBJECT_NOT_EXIST&) {
    // what omniNames lets through
  } catch (const NamingContext::NotFound&) {
    // the context is known not to be there
  }
}
