export { Adapters } from "./adapters.ts";
export type { AdapterHost } from "./adapter-host.ts";
export { Current } from "./current.ts";
export {
  AdapterAlreadyExists,
  AdapterInactive,
  AdapterNonExistent,
  InvalidPolicy,
  NoContext,
  NoServant,
  ObjectAlreadyActive,
  ObjectNotActive,
  ServantAlreadyActive,
  ServantNotActive,
  WrongAdapter,
  WrongPolicy,
} from "./exceptions.ts";
export { POAManager } from "./manager.ts";
export type { ManagerState } from "./manager-state.ts";
export { type ObjectId, ObjectId_to_string, string_to_ObjectId } from "./object-id.ts";
export { RUN_OCTETS } from "./object-key.ts";
export { type CreatePoaOptions, POA } from "./poa.ts";
export type { PoaOptions } from "./policies.ts";
export { Servant, type ServantHome, tieServant } from "./servant.ts";
export { type InterfaceFinder, Upcalls } from "./upcall.ts";
