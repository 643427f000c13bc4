import { existsSync, readFileSync } from "node:fs";
import test from "ava";
import { check, renderDiagnostic } from "../../../idlc/index.ts";
import { STANDARD } from "./support.ts";

/** Module CORBA as another ORB's file has it: partly the same, partly of an older level. */
const OTHER = `
#pragma prefix "omg.org"
module CORBA {
  typedef sequence<string> StringSeq;
  typedef unsigned long PolicyType;
  interface Policy;
  typedef sequence<Policy> PolicyList;
  enum SetOverrideType { SET_OVERRIDE, ADD_OVERRIDE };
  exception PolicyError { short reason; };
  const short BAD_POLICY = 0;
  interface Policy { readonly attribute PolicyType policy_type; Policy copy(); void destroy(); };
  struct ServiceDetail { unsigned long service_detail_type; sequence<octet> service_detail; };
  local interface Current {};
  valuetype StringValue string;
};
`;

function complaints(main: string): readonly string[] {
  const texts: Readonly<Record<string, string>> = { "main.idl": main, "other.pidl": OTHER };
  const read = (path: string): string | Uint8Array | undefined =>
    texts[path] ?? (existsSync(path) ? readFileSync(path) : undefined);
  return check(["main.idl"], { systemDirs: [STANDARD] }, { read }).diagnostics.map(
    renderDiagnostic,
  );
}

const USE =
  "module U { local interface P : CORBA::Policy {}; struct S { CORBA::StringSeq names; CORBA::Policy p; CORBA::SetOverrideType how; }; };";

test("what another ORB's file says again of a standard module is taken for ours", (t) => {
  t.deepEqual(complaints(`#include <orb.idl>\n#include "other.pidl"\n${USE}`), []);
  t.deepEqual(complaints(`#include "other.pidl"\n${USE}`), []);
  t.deepEqual(complaints(`#include "other.pidl"\n#include <orb.idl>\n${USE}`), []);
});

test("a program still may not declare a name of its own twice there", (t) => {
  const [first = ""] = complaints(
    `#include <orb.idl>\n#pragma prefix "omg.org"\nmodule CORBA { typedef long Own; typedef short Own; };`,
  );
  t.true(first.startsWith("main.idl:3:"), first);
  t.regex(first, /Own is already declared/u);
});

test("orb.idl has the pseudo objects that other standard IDL names", (t) => {
  const use = `local interface I {
    void f(in CORBA::Environment e, in CORBA::ORBid id, in CORBA::ValueFactory v)
      raises (CORBA::WrongTransaction);
  };`;
  t.deepEqual(complaints(`#include <orb.idl>\n${use}`), []);
});

test("import ::CORBA brings all of the module", (t) => {
  const use =
    "abstract valuetype Poller : CORBA::Pollable {}; interface I { CORBA::OctetSeq f(); };";
  t.deepEqual(complaints(`import ::CORBA;\nmodule M { ${use} };`), []);
});

test("the prefix of typeprefix holds in files that are included inside of the module", (t) => {
  const files: Readonly<Record<string, string>> = {
    "main.idl": `module M { interface Own; };\ntypeprefix M "omg.org"\nmodule M {
  interface Inner;\n#include "inner.idl"\n  interface Own {};\n};`,
    "inner.idl": "interface Inner { struct S { long x; }; };",
  };
  const { diagnostics, model } = check(["main.idl"], {}, { read: (path) => files[path] });
  t.deepEqual(diagnostics.filter(({ severity }) => severity === "error").map(renderDiagnostic), []);
  const [module] = model?.members ?? [];
  const ids = module?.kind === "module" ? module.members.map((m) => m.repositoryId) : [];
  t.deepEqual(ids, ["IDL:omg.org/M/Inner:1.0", "IDL:omg.org/M/Own:1.0"]);
});
