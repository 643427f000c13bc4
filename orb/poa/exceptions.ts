import type { Target } from "../giop/index.ts";
import { UserException } from "../exception/index.ts";
import type { ObjectReference } from "../object/index.ts";

/** Exceptions of module PortableServer, local to this process (CORBA 3.3 Part 1, 15.3). */

export class AdapterAlreadyExists extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/AdapterAlreadyExists:1.0";
  override readonly name: string = "AdapterAlreadyExists";
  override readonly repositoryId: string = AdapterAlreadyExists.repositoryId;
}

export class AdapterNonExistent extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/AdapterNonExistent:1.0";
  override readonly name: string = "AdapterNonExistent";
  override readonly repositoryId: string = AdapterNonExistent.repositoryId;
}

export class InvalidPolicy extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/InvalidPolicy:1.0";
  override readonly name: string = "InvalidPolicy";
  override readonly repositoryId: string = InvalidPolicy.repositoryId;
  /** Position in the list given to `create_POA`; 0 where policies were given by name. */
  readonly index: number;

  constructor(
    members: { readonly index: number },
    message: string = "PortableServer::POA::InvalidPolicy",
  ) {
    super(message);
    this.index = members.index;
  }
}

export class NoServant extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/NoServant:1.0";
  override readonly name: string = "NoServant";
  override readonly repositoryId: string = NoServant.repositoryId;
}

export class ObjectAlreadyActive extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/ObjectAlreadyActive:1.0";
  override readonly name: string = "ObjectAlreadyActive";
  override readonly repositoryId: string = ObjectAlreadyActive.repositoryId;
}

export class ObjectNotActive extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/ObjectNotActive:1.0";
  override readonly name: string = "ObjectNotActive";
  override readonly repositoryId: string = ObjectNotActive.repositoryId;
}

export class ServantAlreadyActive extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/ServantAlreadyActive:1.0";
  override readonly name: string = "ServantAlreadyActive";
  override readonly repositoryId: string = ServantAlreadyActive.repositoryId;
}

export class ServantNotActive extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/ServantNotActive:1.0";
  override readonly name: string = "ServantNotActive";
  override readonly repositoryId: string = ServantNotActive.repositoryId;
}

export class WrongAdapter extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/WrongAdapter:1.0";
  override readonly name: string = "WrongAdapter";
  override readonly repositoryId: string = WrongAdapter.repositoryId;
}

export class WrongPolicy extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/POA/WrongPolicy:1.0";
  override readonly name: string = "WrongPolicy";
  override readonly repositoryId: string = WrongPolicy.repositoryId;
}

export class NoContext extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/Current/NoContext:1.0";
  override readonly name: string = "NoContext";
  override readonly repositoryId: string = NoContext.repositoryId;
}

/**
 * Thrown by a servant manager, or by a server request interceptor before the servant is called: the client is to name
 * the object in another way (by a profile, or by the whole reference it has) and to send the request again
 * (NEEDS_ADDRESSING_MODE; CORBA 3.3 Part 2, 9.4.3). From GIOP 1.2 on; a oneway request cannot be answered, and ends.
 */
export class NeedsAddressingMode extends UserException {
  static readonly repositoryId: string = "IDL:orbweaver/NeedsAddressingMode:1.0";
  override readonly name: string = "NeedsAddressingMode";
  override readonly repositoryId: string = NeedsAddressingMode.repositoryId;
  readonly by: Target["by"];

  constructor(by: Target["by"]) {
    super(`the client is to name the object by ${by}`);
    this.by = by;
  }
}

/** Thrown by a servant manager: the request is for another object (CORBA 3.3 Part 1, 15.3.5). */
export class ForwardRequest extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/PortableServer/ForwardRequest:2.3";
  override readonly name: string = "ForwardRequest";
  override readonly repositoryId: string = ForwardRequest.repositoryId;
  readonly forward_reference: ObjectReference | null;

  constructor(members: { readonly forward_reference: ObjectReference | null }) {
    super("the request is for another object");
    this.forward_reference = members.forward_reference;
  }
}
