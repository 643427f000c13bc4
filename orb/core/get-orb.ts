import { Completion, INV_OBJREF, MINOR } from "../exception/index.ts";
import type { ObjectReference } from "../object/index.ts";
import { ORB } from "./orb.ts";

/** The ORB whose reference it is: `get_orb` of CORBA::Object. @throws INV_OBJREF for nil */
export function _get_orb(reference: ObjectReference | null): ORB {
  const owner = reference?._core.invoker.owner;
  if (owner instanceof ORB) return owner;
  throw new INV_OBJREF("nil belongs to no ORB", MINOR.none, Completion.no);
}
