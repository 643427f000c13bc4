import type { IOP } from "../../idl/index.ts";
import { Any } from "../../orb/index.ts";
import { _tc_FailOver, FAIL_OVER, type FailOver } from "./gen/Mead.ts";

/** What tells a client, with a reply, where to go on; `idl/own/Mead.idl` has the form. @throws BAD_PARAM for more than 8 replicas */
export function failOverContext(codec: IOP.Codec, message: FailOver): IOP.ServiceContext {
  return {
    context_id: FAIL_OVER,
    context_data: codec.encode_value(new Any(_tc_FailOver, message)),
  };
}

/** @throws FormatMismatch, TypeMismatch for data that is none */
export function failOverIn(codec: IOP.Codec, context: IOP.ServiceContext): FailOver {
  return codec.decode_value(context.context_data, _tc_FailOver).extract<FailOver>(_tc_FailOver);
}
