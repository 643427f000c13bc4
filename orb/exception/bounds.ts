import { UserException } from "./user.ts";

/** CORBA::Bounds: there is no item of that index. */
export class Bounds extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/CORBA/Bounds:1.0";
  override readonly name: string = "Bounds";
  override readonly repositoryId: string = Bounds.repositoryId;
}
