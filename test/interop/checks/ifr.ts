import { CORBA } from "../../../idl/index.ts";
import type { TypeCode } from "../../../orb/generated.ts";
import { NO_PERMISSION, type ObjectReference } from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import { type Checks, expect, expectSame, expectThrow, given } from "./check.ts";

async function interfaceOf(object: ObjectReference): Promise<CORBA.InterfaceDef> {
  return given(await CORBA.InterfaceDef.narrow(await object._get_interface()));
}

async function repositoryOf(object: ObjectReference): Promise<CORBA.Repository> {
  return given(await (await interfaceOf(object))._get_containing_repository());
}

async function typeOf(repository: CORBA.Repository, id: string): Promise<TypeCode> {
  const found = await CORBA.IDLType.narrow(await repository.lookup_id(id));
  return await given(found)._get_type();
}

/** The Interface Repository behind the server's objects. */
export const ifrChecks: Checks = {
  "ifr.get_interface": async ({ root }) => {
    const found = await interfaceOf(root);
    expectSame(await found._get_id(), Interop.Root.repositoryId, "id");
    expectSame(await found._get_def_kind(), "dk_Interface", "kind");
    expect(await found.is_a("IDL:omg.org/CORBA/Object:1.0"), "is_a Object");
    const faults = await interfaceOf(given(await root._get_of_faults()));
    expectSame(await faults._get_absolute_name(), "::Interop::Faults", "absolute_name");
  },
  "ifr.describe_interface": async ({ root }) => {
    const found = await interfaceOf(given(await root._get_of_faults()));
    const { operations, type } = await found.describe_interface();
    expectSame(type, Interop._tc_Faults, "type");
    const refused = operations.find(({ name }) => name === "raise_refused");
    expectSame(refused?.parameters.length, 2, "parameters");
    const raised = refused?.exceptions.map((exception) => exception.type);
    expectSame(raised, [Interop._tc_Empty, Interop._tc_Refused], "types of the exceptions");
  },
  "ifr.types": async ({ root }) => {
    const repository = await repositoryOf(root);
    for (const type of [
      Interop._tc_Padded,
      Interop._tc_ByColour,
      Interop._tc_Node,
      Interop._tc_Root,
    ]) {
      expectSame(await typeOf(repository, type.id()), type, type.id());
    }
  },
  "ifr.contents": async ({ root }) => {
    const repository = await repositoryOf(root);
    const module = given(await CORBA.ModuleDef.narrow(await repository.lookup("Interop")));
    const names = await Promise.all(
      (await module.contents("dk_Interface", true)).map((found) => given(found)._get_name()),
    );
    expect(names.includes("Root") && names.includes("Faults"), "Root and Faults");
  },
  "ifr.unchangeable": async ({ root }) => {
    const found = await interfaceOf(root);
    await expectThrow(NO_PERMISSION, () => found.destroy(), "destroy");
  },
};
