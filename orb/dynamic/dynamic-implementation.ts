import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import {
  type AnyServantOperation,
  type InterfaceDescriptor,
  OBJECT_REPOSITORY_ID,
  type Raises,
} from "../call/index.ts";
import type { ObjectReference } from "../object/index.ts";
import { type ObjectId, Servant, type ServantHome } from "../poa/index.ts";
import { CarriedException, raisesOf, UnknownUserException } from "./exceptions.ts";
import { ServerRequest } from "./server-request.ts";

/** What a dynamic servant's interface is as far as the ORB knows it. */
const OBJECT: InterfaceDescriptor = {
  repositoryId: OBJECT_REPOSITORY_ID,
  name: "CORBA::Object",
  bases: () => [],
  operations: [],
};

/** An operation as skeletons have it, made for one request. */
class DynamicServantOperation implements AnyServantOperation {
  readonly name: string;
  #request: ServerRequest | undefined;
  #carried: CarriedException | undefined;

  constructor(name: string) {
    this.name = name;
  }

  readArguments(input: CdrInput): readonly [ServerRequest] {
    this.#request = new ServerRequest(this.name, input);
    return [this.#request];
  }

  upcall(servant: unknown, [request]: readonly [ServerRequest]): unknown {
    try {
      const running = (servant as DynamicImplementation).invoke(request);
      if (running !== undefined) return this.#finishLater(running, request);
      request._finish();
      return request;
    } catch (thrown) {
      throw this.#carry(thrown);
    }
  }

  writeResult(out: CdrOutput, request: unknown): void {
    (request as ServerRequest)._write(out);
  }

  raises(): readonly Raises[] {
    const types = [...(this.#request?.exceptions ?? [])];
    if (this.#carried !== undefined) types.push(this.#carried.exception.type.unaliased());
    return types.map(raisesOf);
  }

  async #finishLater(running: Promise<void>, request: ServerRequest): Promise<ServerRequest> {
    try {
      await running;
      request._finish();
      return request;
    } catch (thrown) {
      throw this.#carry(thrown);
    }
  }

  #carry(thrown: unknown): unknown {
    if (!(thrown instanceof UnknownUserException)) return thrown;
    this.#carried = new CarriedException(thrown.exception);
    return this.#carried;
  }
}

/**
 * PortableServer::DynamicImplementation: a servant of interfaces that are known at run time alone
 * (CORBA 3.3 Part 1, 12 and 15). It serves beneath any POA; the ORB answers the implicit operations for it,
 * by `_primary_interface`.
 */
export abstract class DynamicImplementation extends Servant {
  override readonly _descriptor: InterfaceDescriptor = OBJECT;

  /** The repository id of the most derived interface of one of its objects. */
  abstract override _primary_interface(objectId: ObjectId, poa: ServantHome): string;

  /**
   * Answers one request. What it throws goes to the client: system exceptions, an UnknownUserException as the exception
   * it holds, and user exceptions that `request.exceptions` lists.
   */
  abstract invoke(request: ServerRequest): void | Promise<void>;

  /** The primary interface and CORBA::Object, unless overridden: of bases the ORB knows nothing. */
  override _is_a(
    repositoryId: string,
    objectId: ObjectId,
    poa: ServantHome,
  ): boolean | Promise<boolean> {
    return (
      repositoryId === OBJECT_REPOSITORY_ID ||
      repositoryId === this._primary_interface(objectId, poa)
    );
  }

  /** Its reference; inside an upcall that of the object being called. @throws as `poa.servant_to_reference` */
  _this(): ObjectReference {
    return this._reference();
  }

  /** Internal: requests of any name are for `invoke`. */
  override _dynamicOperation(name: string): AnyServantOperation {
    return new DynamicServantOperation(name);
  }
}
