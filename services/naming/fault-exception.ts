import { CosNaming } from "../../idl/index.ts";
import { OBJECT_NOT_EXIST, TRANSIENT } from "../../orb/index.ts";
import { NameFault } from "../bindings/index.ts";

/**
 * What a client gets for what the naming logic threw: the exceptions of CosNaming with their fields.
 * Anything that is no NameFault is the store's and stays as it is.
 * @param contextOf the reference of a context of this server
 */
export function faultToException(
  thrown: unknown,
  contextOf: (contextId: string) => CosNaming.NamingContext,
): unknown {
  if (!(thrown instanceof NameFault)) return thrown;
  const { fault } = thrown;
  const because = { cause: thrown };
  switch (fault.kind) {
    case "InvalidName":
      return new CosNaming.NamingContext.InvalidName(because);
    case "InvalidAddress":
      return new CosNaming.NamingContextExt.InvalidAddress(because);
    case "AlreadyBound":
      return new CosNaming.NamingContext.AlreadyBound(because);
    case "NotEmpty":
      return new CosNaming.NamingContext.NotEmpty(because);
    case "NotFound":
      return new CosNaming.NamingContext.NotFound(
        { why: fault.why, rest_of_name: fault.rest },
        because,
      );
    case "CannotProceed":
      return new CosNaming.NamingContext.CannotProceed(
        { cxt: contextOf(fault.contextId), rest_of_name: fault.rest },
        because,
      );
    case "NoSuchContext":
      return new OBJECT_NOT_EXIST(thrown.message, 0, "COMPLETED_NO", because);
    case "Contention":
      return new TRANSIENT(thrown.message, 0, "COMPLETED_NO", because);
  }
}
