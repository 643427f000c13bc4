import test from "ava";
import type { Analysis } from "../../../idlc/model/index.ts";
import { analyzeText, codes, find, findAs } from "./support.ts";

const COMPONENTS = `
module Components {
  exception AlreadyConnected { }; exception InvalidConnection { }; exception NoConnection { };
  exception ExceededConnectionLimit { }; exception CreateFailure { }; exception FinderFailure { };
  exception RemoveFailure { }; exception UnknownKeyValue { }; exception DuplicateKeyValue { };
  exception InvalidKey { };
  valuetype Cookie { };
  abstract valuetype EventBase { };
  interface EventConsumerBase { };
  interface CCMObject { }; interface CCMHome { }; interface KeylessCCMHome { };
  abstract valuetype PrimaryKeyBase { };
};
`;

function operations(analysis: Analysis, name: string): string[] {
  const { operations: list } = findAs(analysis, "interface", name);
  return list.map(({ signature }) => signature.replaceAll("::Components::", ""));
}

function bases(analysis: Analysis, name: string): string[] {
  return findAs(analysis, "interface", name).bases.map((base) => base.scopedName.join("::"));
}

test("a component is the interface it is equivalent to", (t) => {
  const analysis = analyzeText(`${COMPONENTS}
    interface I { }; module M { eventtype E { public long x; }; };
    component C supports I {
      provides I p; uses I q; uses multiple Object r; emits M::E e; publishes M::E f; consumes M::E g;
      attribute long size;
    };
    component D : C { };
  `);
  t.deepEqual(codes(analysis), []);
  t.deepEqual(bases(analysis, "C"), ["Components::CCMObject", "I"]);
  t.deepEqual(bases(analysis, "D"), ["C"]);
  t.deepEqual(operations(analysis, "C"), [
    "I provide_p()",
    "void connect_q(in I conxn) raises (AlreadyConnected, InvalidConnection)",
    "I disconnect_q() raises (NoConnection)",
    "I get_connection_q()",
    "Cookie connect_r(in Object connection) raises (ExceededConnectionLimit, InvalidConnection)",
    "Object disconnect_r(in Cookie ck) raises (InvalidConnection)",
    "rConnections get_connections_r()",
    "void connect_e(in ::M::EConsumer consumer) raises (AlreadyConnected)",
    "::M::EConsumer disconnect_e() raises (NoConnection)",
    "Cookie subscribe_f(in ::M::EConsumer consumer) raises (ExceededConnectionLimit)",
    "::M::EConsumer unsubscribe_f(in Cookie ck) raises (InvalidConnection)",
    "::M::EConsumer get_consumer_g()",
  ]);
  t.deepEqual(
    findAs(analysis, "struct", "C::rConnection").members.map(({ name }) => name),
    ["objref", "ck"],
  );
  t.deepEqual(operations(analysis, "M::EConsumer"), ["void push_E(in E the_e)"]);
  t.deepEqual(bases(analysis, "M::EConsumer"), ["Components::EventConsumerBase"]);
});

test("a home is three interfaces", (t) => {
  const analysis = analyzeText(`${COMPONENTS}
    valuetype K : Components::PrimaryKeyBase { public long id; };
    exception E { };
    component C { };
    home G manages C { factory make(in long x) raises (E); finder look(); void count(); };
    home H : G manages C primarykey K { };
  `);
  t.deepEqual(codes(analysis), []);
  t.deepEqual(bases(analysis, "G"), ["GExplicit", "GImplicit"]);
  t.deepEqual(bases(analysis, "GExplicit"), ["Components::CCMHome"]);
  t.deepEqual(bases(analysis, "GImplicit"), ["Components::KeylessCCMHome"]);
  t.deepEqual(bases(analysis, "HExplicit"), ["GExplicit"]);
  t.deepEqual(operations(analysis, "GExplicit"), [
    "C make(in long x) raises (CreateFailure, E)",
    "C look() raises (FinderFailure)",
    "void count()",
  ]);
  t.deepEqual(operations(analysis, "GImplicit"), ["C create() raises (CreateFailure)"]);
  t.deepEqual(operations(analysis, "HImplicit"), [
    "C create(in K key) raises (CreateFailure, DuplicateKeyValue, InvalidKey)",
    "C find_by_primary_key(in K key) raises (FinderFailure, UnknownKeyValue, InvalidKey)",
    "void remove(in K key) raises (RemoveFailure, UnknownKeyValue, InvalidKey)",
    "K get_primary_key(in C comp)",
  ]);
});

test("without module Components nothing is taken from it", (t) => {
  const analysis = analyzeText("interface I { }; component C { uses I q; }; home H manages C { };");
  t.deepEqual(codes(analysis), []);
  t.deepEqual(bases(analysis, "C"), []);
  t.is(operations(analysis, "C")[0], "void connect_q(in I conxn)");
});

test("ports of a port type get its name before theirs, mirrored ones point the other way", (t) => {
  const analysis = analyzeText(`
    interface I { }; porttype P { provides I a; uses I b; };
    component C { port P x; mirrorport P y; };
  `);
  t.deepEqual(codes(analysis), []);
  t.deepEqual(
    findAs(analysis, "interface", "C").operations.map(({ name }) => name),
    [
      "provide_x_a",
      "connect_x_b",
      "disconnect_x_b",
      "get_connection_x_b",
      "connect_y_a",
      "disconnect_y_a",
      "get_connection_y_a",
      "provide_y_b",
    ],
  );
});

test("a template module is read once for each use", (t) => {
  const analysis = analyzeText(`
    module T<typename A, const long N> { typedef sequence<A, N> S; struct X { A v; }; };
    module U { module T<string, 3> V; module T<long, 1 + 1> W; };
  `);
  t.deepEqual(codes(analysis), []);
  t.deepEqual(findAs(analysis, "typedef", "U::V::S").type, {
    kind: "sequence",
    element: { kind: "string", bound: 0 },
    bound: 3,
  });
  t.is(find(analysis, "U::W::X").repositoryId, "IDL:U/W/X:1.0");
});

test("a template module is named from the global scope, goes on when it is opened again, and names itself", (t) => {
  const analysis = analyzeText(`
    module L {
      module T<typename X, sequence<X> XSeq> { struct Pair { X a; XSeq b; }; };
      module T<typename X, sequence<X> XSeq> { typedef T::Pair Again; };
    };
    typedef sequence<long> LongSeq;
    module ::L::T<long, LongSeq> Longs;
    typedef Longs::Again P;`);
  t.deepEqual(codes(analysis), []);
  t.is(find(analysis, "Longs::Pair").repositoryId, "IDL:Longs/Pair:1.0");
  const other = "module T<typename X> { typedef X A; }; module T<typename Y> { typedef Y B; };";
  t.deepEqual(codes(analyzeText(other)), ["1:47 redefinition"]);
});

test("ports of components may be local", (t) => {
  const ports = "local interface L { void f(); }; component C { provides L l; uses L m; };";
  t.deepEqual(codes(analyzeText(ports)), []);
});

test("annotations may be named from the global scope", (t) => {
  t.deepEqual(codes(analyzeText("@::vendor::level(2) struct S { long x; };")), []);
});

test("names in a port type mean what they do where it is declared", (t) => {
  const analysis = analyzeText(`
    module Lib {
      module T<typename X> {
        interface Writer { void write(in X x); };
        exception Refused {};
        enum Mode { fast, safe };
        porttype Writing {
          uses Writer data;
          provides Writer back;
          attribute Mode mode setraises (Refused);
        };
      };
    };
    module ::Lib::T<long> Longs;
    component C { port Longs::Writing out_port; };`);
  t.deepEqual(codes(analysis), []);
  const { operations } = findAs(analysis, "interface", "C");
  t.true(operations.map(({ name }) => name).includes("provide_out_port_back"));
});

test("an instance goes on with a module that is there", (t) => {
  const analysis = analyzeText(`
    module T<typename X> { typedef X Item; typedef sequence<Item> Items; };
    module M { struct S { long x; }; };
    module T<M::S> M;
    typedef M::Items All; typedef M::S One;`);
  t.deepEqual(codes(analysis), []);
  t.is(find(analysis, "M::Items").repositoryId, "IDL:M/Items:1.0");
  const hidden =
    "module T<typename X> { typedef X Y; }; module M { struct S { X x; }; }; module T<long> M;";
  t.deepEqual(codes(analyzeText(hidden)), ["1:62 not-found"]);
});

test("a home may manage a connector", (t) => {
  const managed = "connector C {}; home H manages C {};";
  t.deepEqual(codes(analyzeText(managed)), []);
});
