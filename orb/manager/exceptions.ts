import { UserException } from "../exception/index.ts";

/** The manager is INACTIVE, which is final. */
export class AdapterInactive extends UserException {
  override readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POAManager/AdapterInactive:1.0";
}

export class ManagerAlreadyExists extends UserException {
  override readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POAManagerFactory/ManagerAlreadyExists:1.0";
}
