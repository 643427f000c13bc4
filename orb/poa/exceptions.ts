import { UserException } from "../exception/index.ts";
import type { ObjectReference } from "../object/index.ts";

/** Exceptions of module PortableServer, local to this process (CORBA 3.3 Part 1, 15.3). */

export class AdapterAlreadyExists extends UserException {
  override readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POA/AdapterAlreadyExists:1.0";
}

export class AdapterNonExistent extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/AdapterNonExistent:1.0";
}

export class InvalidPolicy extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/InvalidPolicy:1.0";
  /** Position in the list given to `create_POA`; 0 where policies were given by name. */
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

export class NoServant extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/NoServant:1.0";
}

export class ObjectAlreadyActive extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/ObjectAlreadyActive:1.0";
}

export class ObjectNotActive extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/ObjectNotActive:1.0";
}

export class ServantAlreadyActive extends UserException {
  override readonly repositoryId: string =
    "IDL:omg.org/PortableServer/POA/ServantAlreadyActive:1.0";
}

export class ServantNotActive extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/ServantNotActive:1.0";
}

export class WrongAdapter extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/WrongAdapter:1.0";
}

export class WrongPolicy extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/WrongPolicy:1.0";
}

export class NoContext extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/Current/NoContext:1.0";
}

/** Thrown by a servant manager: the request is for another object (CORBA 3.3 Part 1, 15.3.5). */
export class ForwardRequest extends UserException {
  override readonly repositoryId: string = "IDL:omg.org/PortableServer/ForwardRequest:1.0";
  readonly forward_reference: ObjectReference;

  constructor(members: { readonly forward_reference: ObjectReference }) {
    super("the request is for another object");
    this.forward_reference = members.forward_reference;
  }
}
