import type { InvokeOptions } from "../call/index.ts";
import type { ObjectReference } from "../object/index.ts";
import { tc, type TypeCode } from "../typecode/index.ts";
import { dynamicCall } from "./dynamic-call.ts";
import { ARG_IN, ARG_INOUT, ARG_OUT, type Flags } from "./flags.ts";
import { NVList } from "./nvlist.ts";

const ID = "IDL:omg.org/CORBA";

const ParameterMode: TypeCode = tc.enum(`${ID}/ParameterMode:1.0`, "ParameterMode", [
  "PARAM_IN",
  "PARAM_OUT",
  "PARAM_INOUT",
]);

const ParameterDescription: TypeCode = tc.struct(
  `${ID}/ParameterDescription:1.0`,
  "ParameterDescription",
  () => [
    ["name", tc.string()],
    ["type", tc.TypeCode],
    ["type_def", tc.objref(`${ID}/IDLType:1.0`, "IDLType")],
    ["mode", ParameterMode],
  ],
);

const FLAGS: Readonly<Record<string, Flags>> = {
  PARAM_IN: ARG_IN,
  PARAM_OUT: ARG_OUT,
  PARAM_INOUT: ARG_INOUT,
};

/**
 * The parameters of an operation as an interface repository has them, without values.
 * @param operation an OperationDef
 */
export async function operationList(
  operation: ObjectReference,
  options?: InvokeOptions,
): Promise<NVList> {
  const params = (await dynamicCall(operation, "_get_params", {
    ...options,
    result: tc.sequence(ParameterDescription),
  })) as readonly { readonly name: string; readonly type: TypeCode; readonly mode: string }[];
  const list = new NVList();
  for (const { name, type, mode } of params) list.add_type(name, type, FLAGS[mode] ?? ARG_IN);
  return list;
}
