import type { IOP } from "../../idl/index.ts";
import { decapsulate, encapsulate } from "../../orb/generated.ts";
import { FAIL_OVER, type FailOver, readFailOver, writeFailOver } from "./gen/Mead.ts";

/** What tells a client, with a reply, where to go on; `idl/own/Mead.idl` has the form. @throws MARSHAL for more than 8 replicas */
export function failOverContext(message: FailOver): IOP.ServiceContext {
  const context_data = encapsulate((out) => writeFailOver(out, message));
  return { context_id: FAIL_OVER, context_data };
}

/** @param data of a service context with the id `FAIL_OVER` @throws MARSHAL for what is no such message */
export function failOverIn(data: Uint8Array): FailOver {
  return decapsulate(data, readFailOver);
}
