export {
  IdlError,
  type InterfaceRepositoryOptions,
  type InterfaceRepositoryService,
  startInterfaceRepository,
} from "./service.ts";
