import { join } from "node:path";
import test from "ava";
import { STANDARD_IDL } from "../../../idlc/cli/index.ts";
import { CORBA } from "../../../idl/index.ts";
import { tc, TypeCode } from "../../../orb/generated.ts";
import { BAD_PARAM, INTF_REPOS, NO_PERMISSION, ORB_init } from "../../../orb/index.ts";
import { IdlError, startInterfaceRepository } from "../../../services/ifr/index.ts";
import * as Interop from "../../interop/gen/Interop.ts";
import { ROOT } from "../idlc-emit/support.ts";
import { given, open, openFiles } from "./scene.ts";

const METRO = `
module Metro {
  typedef sequence<string<8>, 4> Names;
  enum Colour { RED, GREEN };
  const Colour FIRST = GREEN;
  const fixed PRICE = -0.05d;
  struct Position { double x, y; };
  exception Closed { string why; Position at; };
  exception Late {};
  union Sign switch (Colour) { case RED: long stop; default: string text; };
  interface Base { readonly attribute string name; };
  interface Station : Base {
    struct Inside { long l; };
    attribute Colour paint;
    Position where(in Names who, inout long n, out Inside i) raises (Closed, Late) context ("a.*");
    oneway void announce(in string text);
  };
  abstract interface Anything {};
  valuetype Ticket { public long number; private Names carriers; factory make(in long n) raises (Late); void use(); };
  valuetype Return : truncatable Ticket supports Base { public Ticket back; };
  valuetype Box Names;
  native Handle;
};
`;

test("contents lists what a scope declares, in order, limited to one kind where asked", async (t) => {
  const { repository } = await open(t, METRO);
  const [module] = await repository.contents("dk_Module", true);
  const metro = given(await CORBA.ModuleDef.narrow(given(module ?? null)));
  t.is(await metro._get_absolute_name(), "::Metro");
  const names = async (kind: CORBA.DefinitionKind): Promise<readonly string[]> =>
    await Promise.all((await metro.contents(kind, true)).map(async (c) => given(c)._get_name()));
  t.deepEqual(await names("dk_Interface"), ["Base", "Station"]);
  t.deepEqual(await names("dk_Exception"), ["Closed", "Late"]);
  t.deepEqual(await names("dk_Typedef"), ["Names", "Colour", "Position", "Sign", "Box", "Handle"]);
  t.is((await names("dk_all")).length, 15);
});

test("lookup follows the scopes: relative, outwards, inherited and absolute", async (t) => {
  const { repository } = await open(t, METRO);
  const idOf = async (from: CORBA.Container, name: string): Promise<string | undefined> =>
    await (await from.lookup(name))?._get_id();
  t.is(await idOf(repository, "Metro::Station::Inside"), "IDL:Metro/Station/Inside:1.0");
  const station = given(
    await CORBA.InterfaceDef.narrow(await repository.lookup("::Metro::Station")),
  );
  t.is(await idOf(station, "Position"), "IDL:Metro/Position:1.0");
  t.is(await idOf(station, "name"), "IDL:Metro/Base/name:1.0");
  t.is(await idOf(station, "::Metro::Late"), "IDL:Metro/Late:1.0");
  t.is(await idOf(station, "nothing"), undefined);
  t.is(await station._get_def_kind(), "dk_Interface");
});

test("lookup_name searches so many levels, with or without what is inherited", async (t) => {
  const { repository } = await open(t, METRO);
  const count = async (name: string, levels: number, excludeInherited: boolean): Promise<number> =>
    (await repository.lookup_name(name, levels, "dk_all", excludeInherited)).length;
  t.is(await count("name", 2, true), 0);
  t.is(await count("name", 3, true), 1);
  t.is(await count("Inside", -1, true), 1);
  const station = given(await CORBA.InterfaceDef.narrow(await repository.lookup("Metro::Station")));
  t.is((await station.lookup_name("name", 1, "dk_Attribute", false)).length, 1);
  t.is((await station.lookup_name("name", 1, "dk_Attribute", true)).length, 0);
});

test("describe_interface tells everything of an interface, inherited parts included", async (t) => {
  const { repository } = await open(t, METRO);
  const found = await repository.lookup_id("IDL:Metro/Station:1.0");
  const station = given(await CORBA.InterfaceDef.narrow(found));
  const description = await station.describe_interface();
  t.deepEqual(description.base_interfaces, ["IDL:Metro/Base:1.0"]);
  t.deepEqual(
    description.attributes.map(({ name, mode, defined_in }) => [name, mode, defined_in]),
    [
      ["paint", "ATTR_NORMAL", "IDL:Metro/Station:1.0"],
      ["name", "ATTR_READONLY", "IDL:Metro/Base:1.0"],
    ],
  );
  const [where, announce] = description.operations;
  t.is(announce?.mode, "OP_ONEWAY");
  t.true(
    where?.result.equal(
      tc.struct("IDL:Metro/Position:1.0", "Position", () => [
        ["x", tc.double],
        ["y", tc.double],
      ]),
    ),
  );
  t.deepEqual(
    where?.parameters.map(({ name, mode }) => [name, mode]),
    [
      ["who", "PARAM_IN"],
      ["n", "PARAM_INOUT"],
      ["i", "PARAM_OUT"],
    ],
  );
  t.deepEqual(
    where?.exceptions.map(({ id }) => id),
    ["IDL:Metro/Closed:1.0", "IDL:Metro/Late:1.0"],
  );
  t.deepEqual(where?.contexts, ["a.*"]);
  t.true(await station.is_a("IDL:Metro/Base:1.0"));
  t.true(await station.is_a("IDL:omg.org/CORBA/Object:1.0"));
  t.false(await station.is_a("IDL:Metro/Position:1.0"));
});

test("unnamed types are objects, too, the same one each time", async (t) => {
  const { repository } = await open(t, METRO);
  const names = given(await CORBA.AliasDef.narrow(await repository.lookup("Metro::Names")));
  const original = given(await CORBA.SequenceDef.narrow(await names._get_original_type_def()));
  t.is(await original._get_bound(), 4);
  const element = given(await CORBA.StringDef.narrow(await original._get_element_type_def()));
  t.is(await element._get_bound(), 8);
  t.true(given(await repository.create_string(8))._is_equivalent(element));
  const made = given(
    await repository.create_sequence(
      0,
      given(await repository.lookup("Metro::Position")) as unknown as CORBA.IDLType,
    ),
  );
  t.true(
    (await made._get_type()).equal(
      tc.sequence(
        tc.struct("IDL:Metro/Position:1.0", "Position", () => [
          ["x", tc.double],
          ["y", tc.double],
        ]),
      ),
    ),
  );
  t.is(await given(await repository.get_primitive("pk_void"))._get_kind(), "pk_void");
  await t.throwsAsync(repository.create_sequence(0, null), { instanceOf: BAD_PARAM });
  await t.throwsAsync(repository.create_string(0), { instanceOf: BAD_PARAM });
});

test("constants, unions and values are described with their members", async (t) => {
  const { repository } = await open(t, METRO);
  const first = given(await CORBA.ConstantDef.narrow(await repository.lookup("Metro::FIRST")));
  t.is((await first._get_value()).value, "GREEN");
  const price = given(await CORBA.ConstantDef.narrow(await repository.lookup("Metro::PRICE")));
  t.is(String((await price._get_value()).value), "-0.05");
  const sign = given(await CORBA.UnionDef.narrow(await repository.lookup("Metro::Sign")));
  const members = await sign._get_members();
  t.deepEqual(
    members.map(({ name, label }) => [name, label.value]),
    [
      ["stop", "RED"],
      ["text", 0],
    ],
  );
  t.true(members[1]?.label.type.equal(tc.octet));
  const ticket = given(await CORBA.ValueDef.narrow(await repository.lookup("Metro::Return")));
  const description = await ticket.describe_value();
  t.is(description.base_value, "IDL:Metro/Ticket:1.0");
  t.true(description.is_truncatable);
  t.deepEqual(description.supported_interfaces, ["IDL:Metro/Base:1.0"]);
  t.deepEqual(
    description.members.map(({ name, access }) => [name, access]),
    [["back", CORBA.PUBLIC_MEMBER]],
  );
  const base = given(await CORBA.ExtValueDef.narrow(await ticket._get_base_value()));
  const [make] = await base._get_ext_initializers();
  t.deepEqual(
    [make?.name, make?.members.map(({ name }) => name), make?.exceptions.map(({ id }) => id)],
    ["make", ["n"], ["IDL:Metro/Late:1.0"]],
  );
});

test("describe gives each kind its own description", async (t) => {
  const { repository } = await open(t, METRO);
  const kinds = new Map<string, string>();
  const metro = given(await CORBA.ModuleDef.narrow(await repository.lookup("Metro")));
  for (const { kind, value, contained_object } of await metro.describe_contents(
    "dk_all",
    true,
    -1,
  )) {
    kinds.set(kind, value.type.name());
    t.is((value.value as { id: string }).id, await given(contained_object)._get_id());
  }
  t.is((await metro.describe_contents("dk_all", true, 3)).length, 3);
  t.deepEqual(Object.fromEntries(kinds), {
    dk_Alias: "TypeDescription",
    dk_Enum: "TypeDescription",
    dk_Constant: "ConstantDescription",
    dk_Struct: "TypeDescription",
    dk_Exception: "ExceptionDescription",
    dk_Union: "TypeDescription",
    dk_Interface: "InterfaceDescription",
    dk_AbstractInterface: "InterfaceDescription",
    dk_Value: "ValueDescription",
    dk_ValueBox: "TypeDescription",
    dk_Native: "TypeDescription",
  });
});

test("clients cannot change it", async (t) => {
  const { repository } = await open(t, METRO);
  await t.throwsAsync(repository.create_module("IDL:New:1.0", "New", "1.0"), {
    instanceOf: NO_PERMISSION,
  });
  const metro = given(await repository.lookup("Metro"));
  await t.throwsAsync(metro._set_name("Other"), { instanceOf: NO_PERMISSION });
  await t.throwsAsync(metro.destroy(), { instanceOf: NO_PERMISSION });
});

test("_get_interface of an object of the same ORB leads to its description", async (t) => {
  const { repository } = await openFiles(t, [`${STANDARD_IDL}/orb.idl`]);
  const reference = await repository._get_interface();
  const description = await given(await CORBA.InterfaceDef.narrow(reference)).describe_interface();
  t.is(description.id, CORBA.Repository.repositoryId);
  t.true(description.operations.some(({ name }) => name === "describe_contents"));
});

test("_get_interface of an object whose IDL the repository lacks raises INTF_REPOS", async (t) => {
  const { repository } = await open(t, METRO);
  await t.throwsAsync(repository._get_interface(), { instanceOf: INTF_REPOS });
});

test("every TypeCode is that of the generated code", async (t) => {
  const { repository } = await openFiles(t, [join(ROOT, "test/interop/Interop.idl")]);
  let count = 0;
  for (const [name, type] of Object.entries(Interop)) {
    if (!name.startsWith("_tc_") || !(type instanceof TypeCode)) continue;
    const definition = given(await repository.lookup_id(type.id()));
    const described = (await definition.describe()).value.value as { readonly type?: TypeCode };
    const found = described.type ?? (await repository.get_canonical_typecode(type));
    t.true(found.equal(type), name);
    count++;
  }
  t.true(count >= 40, `${count} types`);
});

test("wrong IDL is refused with the diagnostics", async (t) => {
  const error = await t.throwsAsync(
    open(t, "module M { interface I { void op(in Nothing n); }; };"),
    {
      instanceOf: IdlError,
    },
  );
  t.regex(error?.message ?? "", /Test\.idl:1:\d+.*Nothing/u);
});

test("its objects go when it is closed, and the ORB stays", async (t) => {
  const orb = await ORB_init([]);
  t.teardown(() => orb.destroy());
  const service = await startInterfaceRepository({ orb, files: [] });
  const { root } = service;
  t.is((await root.contents("dk_all", true)).length, 0);
  await service.close();
  await t.throwsAsync(root.contents("dk_all", true));
});

test("a closed repository leaves no name behind, and a refused one leaves nothing", async (t) => {
  await using orb = await ORB_init([]);
  const first = await startInterfaceRepository({ orb, files: [] });
  await first.close();
  await t.throwsAsync(orb.resolve_initial_references("InterfaceRepository"));
  const second = await startInterfaceRepository({ orb, files: [] });
  await first.close();
  t.truthy(await orb.resolve_initial_references("InterfaceRepository"));
  await second.close();
  orb.register_initial_reference("InterfaceRepository", second.root);
  await t.throwsAsync(startInterfaceRepository({ orb, files: [] }), {
    message: /registered already/,
  });
  t.deepEqual(orb.rootPOA.the_children, []);
});

test("references of an earlier run at the same address find their definitions", async (t) => {
  const idl = join(ROOT, "test/interop/Interop.idl");
  const first = await openFiles(t, [idl]);
  const { host, port } = given(first.server.endpoints[0] ?? null);
  const padded = given(await first.repository.lookup("Interop::Padded"));
  const struct = given(await CORBA.StructDef.narrow(padded));
  const member = given((await struct._get_members())[0]?.type_def ?? null);
  const texts = [padded, member].map((reference) => first.client.object_to_string(reference));
  await first.server.destroy();
  const again = await ORB_init(["-ORBListenEndpoints", `iiop://${host}:${port}`]);
  t.teardown(() => again.destroy());
  await startInterfaceRepository({ orb: again, files: [idl] });
  for (const text of texts)
    t.false(await (await first.client.string_to_object(text))?._non_existent());
});
