import { UserException } from "../exception/index.ts";

/** CORBA::ORB::InvalidName: no initial reference of that name, or one that exists already. */
export class InvalidName extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/CORBA/ORB/InvalidName:1.0";
}
