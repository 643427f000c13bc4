export {
  IdlError,
  type InterfaceRepositoryOptions,
  type InterfaceRepositoryService,
  readModel,
  startInterfaceRepository,
} from "./service.ts";
export { TypeCodes } from "./type-codes.ts";
