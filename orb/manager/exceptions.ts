import { UserException } from "../exception/index.ts";

/** The manager is INACTIVE, which is final. */
export class AdapterInactive extends UserException {
  static readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POAManager/AdapterInactive:1.0";
  override readonly name: string = "AdapterInactive";
  override readonly repositoryId: string = AdapterInactive.repositoryId;
}

export class ManagerAlreadyExists extends UserException {
  static readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POAManagerFactory/ManagerAlreadyExists:1.0";
  override readonly name: string = "ManagerAlreadyExists";
  override readonly repositoryId: string = ManagerAlreadyExists.repositoryId;
}
