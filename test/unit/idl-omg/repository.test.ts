import test from "ava";
import { CORBA } from "orbweaver/idl";
import { Any, MemoryTransport, NO_IMPLEMENT, ORB_init, tc } from "../../../orb/index.ts";

const ID = "IDL:Bank/Account:1.0";

const DESCRIPTION: CORBA.InterfaceDef.FullInterfaceDescription = {
  name: "Account",
  id: ID,
  defined_in: "IDL:Bank:1.0",
  version: "1.0",
  operations: [
    {
      name: "deposit",
      id: "IDL:Bank/Account/deposit:1.0",
      defined_in: ID,
      version: "1.0",
      result: tc.void,
      mode: "OP_NORMAL",
      contexts: [],
      parameters: [{ name: "cents", type: tc.longlong, type_def: null, mode: "PARAM_IN" }],
      exceptions: [],
    },
  ],
  attributes: [
    {
      name: "owner",
      id: "IDL:Bank/Account/owner:1.0",
      defined_in: ID,
      version: "1.0",
      type: tc.string(),
      mode: "ATTR_READONLY",
    },
  ],
  base_interfaces: [],
  type: tc.objref(ID, "Account"),
};

const SHORT: CORBA.InterfaceDescription = {
  name: "Account",
  id: ID,
  defined_in: "IDL:Bank:1.0",
  version: "1.0",
  base_interfaces: [],
};

/** What the test asks for; whatever else an InterfaceDef answers is NO_IMPLEMENT. */
const answers: Partial<CORBA.InterfaceDefServant> = {
  _get_def_kind: () => "dk_Interface",
  describe: () => ({
    kind: "dk_Interface",
    value: new Any(CORBA._tc_InterfaceDescription, SHORT),
  }),
  describe_interface: () => DESCRIPTION,
  is_a: (id) => id === ID,
};

const account = new Proxy(answers, {
  get: (target, name) =>
    Reflect.get(target, name) ??
    (() => {
      throw new NO_IMPLEMENT(String(name));
    }),
}) as CORBA.InterfaceDefServant;

test("an interface of the repository, described from another ORB", async (t) => {
  const transport = new MemoryTransport();
  await using server = await ORB_init([], { transport });
  await using client = await ORB_init([], { transport });
  const local = await server.rootPOA.activate(CORBA.InterfaceDef.tie(account));
  server.rootPOA.the_POAManager.activate();
  const ref = await client.string_to_object(server.object_to_string(local));

  const contained = await CORBA.Contained.narrow(ref);
  t.is(await contained?._get_def_kind(), "dk_Interface");
  const described = await contained?.describe();
  t.deepEqual(described?.value.value, SHORT);

  const definition = await CORBA.InterfaceDef.narrow(ref);
  t.true(await definition?.is_a(ID));
  const full = await definition?.describe_interface();
  t.true(full?.type.equal(DESCRIPTION.type));
  t.is(full?.operations[0]?.parameters[0]?.type.kind(), "tk_longlong");
  t.deepEqual(
    full?.attributes.map(({ name, mode }) => [name, mode]),
    [["owner", "ATTR_READONLY"]],
  );
  t.is(await CORBA.ComponentIR.HomeDef.narrow(ref), null);
});

test("components extend the repository: ids and bases", (t) => {
  const { ComponentIR } = CORBA;
  t.is(ComponentIR.Repository.repositoryId, "IDL:omg.org/CORBA/ComponentIR/Repository:1.0");
  const bases = (of: typeof ComponentIR.Repository.descriptor): readonly string[] =>
    of.bases().map((base) => base.name);
  t.deepEqual(bases(ComponentIR.Repository.descriptor), [
    "CORBA::Repository",
    "CORBA::ComponentIR::Container",
  ]);
  t.deepEqual(bases(ComponentIR.ComponentDef.descriptor), ["CORBA::ExtInterfaceDef"]);
  t.deepEqual(bases(CORBA.ExtValueDef.descriptor), ["CORBA::ValueDef"]);
});
