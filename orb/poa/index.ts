export { Adapters } from "./adapters.ts";
export type { AdapterHost, AdapterPlan, Placement } from "./adapter-host.ts";
export { Current } from "./current.ts";
export {
  AdapterAlreadyExists,
  AdapterNonExistent,
  ForwardRequest,
  InvalidPolicy,
  NeedsAddressingMode,
  NoContext,
  NoServant,
  ObjectAlreadyActive,
  ObjectNotActive,
  ServantAlreadyActive,
  ServantNotActive,
  WrongAdapter,
  WrongPolicy,
} from "./exceptions.ts";
export { type ObjectId, ObjectId_to_string, string_to_ObjectId } from "./object-id.ts";
export { RUN_OCTETS } from "./object-key.ts";
export {
  type AdapterActivator,
  type CreatePoaOptions,
  POA,
  type POACurrent,
  type ServantActivator,
  type ServantLocator,
  type ServantManager,
} from "./poa.ts";
export type { PoaOptions } from "./policies.ts";
export { Servant, type ServantHome, tieServant } from "./servant.ts";
export type { Activator, ChildMaker, Located, Locator } from "./servant-managers.ts";
export { UnknownAdapters } from "./unknown-adapters.ts";
export { type InterfaceFinder, Upcalls } from "./upcall.ts";
