import type { Logger } from "../base/index.ts";
import type { CdrOutput } from "../cdr/index.ts";
import {
  BAD_OPERATION,
  Completion,
  MINOR,
  NO_IMPLEMENT,
  SystemException,
  toSystemException,
  UNKNOWN,
  UserException,
} from "../exception/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import {
  type AnyServantOperation,
  COMPONENT,
  type Implicit,
  INTERFACE,
  type InterfaceDescriptor,
  IS_A,
  NON_EXISTENT,
  REPOSITORY_ID,
} from "../call/index.ts";
import type { ObjectReference } from "../object/index.ts";

import { WatchedRequest } from "../manager/index.ts";
import { type Inside, isThenable } from "./inside.ts";
import type { ObjectId } from "./object-id.ts";
import type { Servant, ServantHome } from "./servant.ts";

/** Finds InterfaceDefs for `_get_interface`: the ORB's interface repository. */
export interface InterfaceFinder {
  /** @throws INTF_REPOS where there is no repository, or no such interface in it */
  interfaceOf(repositoryId: string): Promise<ObjectReference>;
}

/** For which object of a servant a request is. */
interface Called {
  readonly servant: Servant;
  readonly objectId: ObjectId;
  readonly poa: ServantHome;
}

/** Operations by wire name of each interface seen, inherited ones included. */
export class OperationTables {
  readonly #tables = new WeakMap<InterfaceDescriptor, ReadonlyMap<string, AnyServantOperation>>();

  of(descriptor: InterfaceDescriptor): ReadonlyMap<string, AnyServantOperation> {
    let table = this.#tables.get(descriptor);
    if (table === undefined) {
      table = collect(descriptor);
      this.#tables.set(descriptor, table);
    }
    return table;
  }
}

function collect(descriptor: InterfaceDescriptor): ReadonlyMap<string, AnyServantOperation> {
  const table = new Map<string, AnyServantOperation>();
  const visit = (d: InterfaceDescriptor): void => {
    for (const operation of d.operations) table.set(operation.name, operation);
    for (const base of d.bases()) visit(base);
  };
  visit(descriptor);
  return table;
}

const IMPLICIT: ReadonlyMap<string, AnyServantOperation> = new Map<string, AnyServantOperation>([
  [IS_A.name, IS_A],
  [NON_EXISTENT.name, NON_EXISTENT],
  // The name some old ORBs send.
  ["_not_existent", NON_EXISTENT],
  [REPOSITORY_ID.name, REPOSITORY_ID],
  [INTERFACE.name, INTERFACE],
  [COMPONENT.name, COMPONENT],
]);

function unknownOperation(servant: Servant, name: string): SystemException {
  // Domain managers are of the security service; an ORB without one has none to name.
  if (name === "_domain_managers") {
    return new NO_IMPLEMENT(`${name} is not supported`, MINOR.none, Completion.no);
  }
  return new BAD_OPERATION(
    `${servant._descriptor.name} has no operation "${name}"`,
    MINOR.unknownOperation,
    Completion.no,
  );
}

function nothing(): void {
  return undefined;
}

/** The arguments; undefined when they cannot be read, which the request has then been answered with. */
function argumentsOf(
  operation: AnyServantOperation,
  request: ServerRequest,
): readonly unknown[] | undefined {
  try {
    return operation.readArguments(request.input);
  } catch (error) {
    request.systemException(toSystemException(error, Completion.no));
    return undefined;
  }
}

/** Calls servants and turns what they return or throw into answers. */
export class Upcalls {
  readonly #tables = new OperationTables();
  readonly #log: Logger;
  readonly #interfaces: InterfaceFinder;
  readonly #inside: Inside;

  constructor(log: Logger, interfaces: InterfaceFinder, inside: Inside) {
    this.#log = log;
    this.#interfaces = interfaces;
    this.#inside = inside;
  }

  /** Answers the request, then calls `done`, both exactly once; at once where the servant gave no promise. */
  run(
    servant: Servant,
    request: ServerRequest,
    objectId: ObjectId,
    poa: ServantHome,
    done: () => void,
  ): void {
    const name = request.operation;
    let target: unknown = servant._implementation;
    let operation = this.#tables.of(servant._descriptor).get(name);
    if (operation === undefined) {
      operation = IMPLICIT.get(name);
      if (operation !== undefined) target = this.#implicit(servant, objectId, poa);
      else operation = servant._dynamicOperation(name, objectId, poa);
      if (operation === undefined) {
        request.systemException(unknownOperation(servant, name));
        done();
        return;
      }
    }
    const hooked = request instanceof WatchedRequest ? request : undefined;
    if (hooked === undefined) this.#call(target, operation, request, done);
    else this.#callHooked(target, operation, hooked, { servant, objectId, poa }, done);
  }

  #implicit(servant: Servant, idInMessage: ObjectId, poa: ServantHome): Implicit {
    const objectId = idInMessage.slice();
    return {
      isA: (id) => servant._is_a(id, objectId, poa),
      nonExistent: () => servant._non_existent(),
      repositoryId: () => servant._primary_interface(objectId, poa),
      interfaceDef: async () =>
        (await servant._get_interface(objectId, poa)) ??
        (await this.#interfaces.interfaceOf(servant._primary_interface(objectId, poa))),
      component: () => servant._get_component(objectId, poa),
    };
  }

  #callHooked(
    target: unknown,
    operation: AnyServantOperation,
    request: WatchedRequest,
    { servant, objectId: idInMessage, poa }: Called,
    done: () => void,
  ): void {
    const args = argumentsOf(operation, request);
    if (args === undefined) {
      done();
      return;
    }
    const objectId = idInMessage.slice();
    const goesOn = request.calling({
      args,
      types: operation.types,
      mostDerivedInterface: () => servant._primary_interface(objectId, poa),
      isA: (id) => servant._is_a(id, objectId, poa),
    });
    if (!goesOn) {
      done();
      return;
    }
    const seen: AnyServantOperation = {
      name: operation.name,
      ...(operation.oneway === true ? { oneway: true } : {}),
      readArguments: () => args,
      writeResult: (out, result) => operation.writeResult(out, result),
      upcall: (servant, given) => request.flow.run(() => operation.upcall(servant, given)),
      raises: () => operation.raises?.() ?? [],
    };
    this.#call(target, seen, request, done);
  }

  #call(
    target: unknown,
    operation: AnyServantOperation,
    request: ServerRequest,
    done: () => void,
  ): void {
    const args = argumentsOf(operation, request);
    if (args === undefined) {
      done();
      return;
    }
    // On a twoway operation `early` is a client's slip; the results are sent all the same.
    if (request.answer === "early" && operation.oneway === true) {
      if (request instanceof WatchedRequest) request.acknowledge();
      else request.result(nothing);
    }
    let result: unknown;
    try {
      result = operation.upcall(target, args);
    } catch (thrown) {
      this.#threw(operation, request, thrown);
      done();
      return;
    }
    if (!isThenable(result)) {
      this.#returned(operation, request, result);
      done();
      return;
    }
    this.#inside.follow(
      result,
      (value) => {
        this.#returned(operation, request, value);
        done();
      },
      (thrown) => {
        this.#threw(operation, request, thrown);
        done();
      },
    );
  }

  #returned(operation: AnyServantOperation, request: ServerRequest, result: unknown): void {
    const write = (out: CdrOutput): void => operation.writeResult(out, result);
    try {
      if (request instanceof WatchedRequest) request.returned(result, write);
      else request.result(write);
    } catch (error) {
      this.#log.error("the servant's result cannot be sent", {
        operation: operation.name,
        error,
      });
      request.systemException(toSystemException(error, Completion.yes));
    }
  }

  #threw(operation: AnyServantOperation, request: ServerRequest, thrown: unknown): void {
    if (request.answer === "none" || operation.oneway === true) {
      this.#log.warn("an operation without a reply threw", {
        operation: operation.name,
        error: thrown,
      });
    }
    if (!(thrown instanceof UserException)) {
      if (thrown instanceof SystemException) {
        // The client hears the minor code alone.
        this.#log.debug("a servant raised", { operation: operation.name, error: thrown });
      } else {
        this.#log.error("a servant threw what is no CORBA exception", {
          operation: operation.name,
          error: thrown,
        });
      }
      request.systemException(toSystemException(thrown, Completion.maybe));
      return;
    }
    const raises = operation
      .raises?.()
      .find((candidate) => candidate.type.repositoryId === thrown.repositoryId);
    if (raises === undefined) {
      request.systemException(
        new UNKNOWN(
          `${operation.name} threw ${thrown.repositoryId}, which its IDL does not list`,
          MINOR.unlistedUserException,
          Completion.maybe,
          { cause: thrown },
        ),
      );
      return;
    }
    try {
      const write = (out: CdrOutput): void => raises.write(out, thrown);
      if (request instanceof WatchedRequest) request.threw(thrown, write);
      else request.userException(thrown.repositoryId, write);
    } catch (error) {
      request.systemException(toSystemException(error, Completion.maybe));
    }
  }
}
