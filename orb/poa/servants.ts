import type { Clock, Logger, Rank } from "../base/index.ts";
import {
  BAD_INV_ORDER,
  Completion,
  MINOR,
  OBJ_ADAPTER,
  OBJECT_NOT_EXIST,
  type SystemException,
  toSystemException,
  TRANSIENT,
} from "../exception/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import { clientGone, type Serial, takeTurn } from "../manager/index.ts";
import { lateRequest } from "../messaging/index.ts";
import { ObjectReference } from "../object/index.ts";
import type { PoaPolicies } from "../policy/index.ts";
import { ActiveObjects } from "./active-objects.ts";
import type { Current, ReferenceMaker } from "./current.ts";
import { ForwardRequest, NeedsAddressingMode } from "./exceptions.ts";
import { type ObjectId, printableId } from "./object-id.ts";
import { Servant, type ServantHome } from "./servant.ts";
import {
  type Activator,
  isActivator,
  isLocator,
  type Located,
  type Locator,
  type Manager,
} from "./servant-managers.ts";

/** Requests that may wait for the servant activator of one POA. */
const MAX_WAITING = 1_000;

/** What finding servants needs of the POA. */
export interface ServantsHost<P extends ReferenceMaker> {
  readonly poa: P;
  readonly policies: PoaPolicies;
  readonly current: Current<P>;
  readonly log: Logger;
  readonly clock: Clock;
  /** Where one request runs at a time. */
  readonly thread: Serial | undefined;
  /** Whether the POA makes no servants any more. */
  isClosing(): boolean;
  /** Where a request stands among those that wait for their turn. */
  rank(request: ServerRequest): Rank | undefined;
  upcall(servant: Servant, request: ServerRequest, id: ObjectId, done: () => void): void;
}

/** Finds the servant of each request by the POA's policies (CORBA 3.3 Part 1, 15.2.7). */
export class Servants<P extends ReferenceMaker & ServantHome> {
  readonly #host: ServantsHost<P>;
  readonly #name: string;
  /** The active object map, with RETAIN. */
  readonly objects: ActiveObjects<P> | undefined;
  defaultServant: Servant | undefined;
  #activator: Activator<P> | undefined;
  #locator: Locator<P> | undefined;

  constructor(host: ServantsHost<P>, name: string) {
    const { current, log, thread, policies } = host;
    this.#host = host;
    this.#name = name;
    if (policies.servantRetention === "RETAIN") {
      this.objects = new ActiveObjects(current, log, thread);
    }
  }

  get manager(): Manager<P> | null {
    return this.#activator ?? this.#locator ?? null;
  }

  /** Whether servants are given back when they go. */
  get willEtherealize(): boolean {
    return this.#activator !== undefined;
  }

  /** @throws OBJ_ADAPTER for the wrong kind or none, BAD_INV_ORDER the second time */
  setManager(manager: unknown): void {
    const { objects } = this;
    const { poa } = this.#host;
    const isRight = objects === undefined ? isLocator<P>(manager) : isActivator<P>(manager);
    if (!isRight) {
      const wanted =
        objects === undefined
          ? "NON_RETAIN needs a ServantLocator: preinvoke, postinvoke"
          : "RETAIN needs a ServantActivator: incarnate, etherealize";
      throw this.#adapterError(wanted, MINOR.noServantManager);
    }
    if (this.manager !== null) {
      throw new BAD_INV_ORDER(
        `POA "${this.#name}" has its servant manager already`,
        MINOR.servantManagerAlreadySet,
        Completion.no,
      );
    }
    if (objects === undefined) {
      this.#locator = manager as Locator<P>;
      return;
    }
    const activator = manager as Activator<P>;
    this.#activator = activator;
    objects.etherealize = ({ name, servant }, cleanup, remaining) =>
      activator.etherealize(Buffer.from(name, "latin1"), poa, servant, cleanup, remaining);
  }

  /** Whether a request for the id may find a servant; servant managers are not asked. */
  mayHave(id: ObjectId): boolean {
    return (
      this.objects?.find(id) !== undefined ||
      this.defaultServant !== undefined ||
      this.manager !== null
    );
  }

  /** As {@link serve}, in turn where the POA has a thread of its own. */
  serveInTurn(request: ServerRequest, id: ObjectId, done: () => void): void {
    const { thread, policies } = this.#host;
    if (thread === undefined) {
      this.serve(request, id, done);
      return;
    }
    const rank = thread.isBusy ? this.#host.rank(request) : undefined;
    const where = `POA "${this.#name}" is ${policies.thread}`;
    takeTurn(thread, { request, rank, where }, (ended) => this.serve(request, id, ended), done);
  }

  /** Leads to one answer, then to one call of `done`. */
  serve(request: ServerRequest, id: ObjectId, done: () => void): void {
    const { objects } = this;
    if (this.#host.isClosing()) {
      request.systemException(this.beingDestroyed());
      done();
      return;
    }
    const late = request.contexts.length > 0 && lateRequest(request, this.#host.clock);
    if (late) {
      request.systemException(late);
      done();
      return;
    }
    const object = objects?.find(id);
    if (objects !== undefined && object !== undefined) {
      object.running++;
      this.#host.upcall(object.servant, request, id, () => {
        objects.release(object);
        done();
      });
      return;
    }
    if (this.defaultServant !== undefined) {
      this.#host.upcall(this.defaultServant, request, id, done);
    } else if (this.#locator !== undefined) {
      this.#locate(this.#locator, request, id.slice(), done);
    } else if (this.#activator !== undefined && objects !== undefined) {
      this.#incarnate(this.#activator, objects, request, id, done);
    } else {
      request.systemException(this.#missing(id));
      done();
    }
  }

  #locate(locator: Locator<P>, request: ServerRequest, id: ObjectId, done: () => void): void {
    const { poa, current, log } = this.#host;
    const { operation, target } = request;
    const object = printableId(id);
    const postinvoke = ({ result, the_cookie }: Located, then: () => void): void => {
      current._manageInTime(
        `postinvoke of ${object}`,
        () => locator.postinvoke(id, poa, operation, the_cookie, result),
        then,
        (error) => {
          log.warn("postinvoke failed behind the answer", { operation, error });
          then();
        },
      );
    };
    current._manageInTime(
      `preinvoke of ${object}`,
      () => locator.preinvoke(id, poa, operation, target),
      (found) => {
        const located = isLocated(found) ? found : { result: found, the_cookie: undefined };
        const wrong = this.#wrongServant(located.result, "preinvoke");
        if (wrong !== undefined) {
          request.systemException(wrong);
          done();
          return;
        }
        const right = located as Located;
        this.#host.upcall(right.result, request, id, () => postinvoke(right, done));
      },
      (thrown) => {
        answer(request, thrown);
        done();
      },
      (found) => {
        log.warn("a servant came too late and is given back", { operation });
        const late = isLocated(found) ? found : { result: found, the_cookie: undefined };
        if (late.result instanceof Servant) postinvoke(late as Located, () => undefined);
      },
    );
  }

  #incarnate(
    activator: Activator<P>,
    objects: ActiveObjects<P>,
    request: ServerRequest,
    id: ObjectId,
    done: () => void,
  ): void {
    if (objects.isBusy(id)) {
      this.#wait(objects, request, id, done);
      return;
    }
    if (objects.isTurnTaken && this.#refuseWhenFull(objects, request, done)) return;
    const { poa, current, log } = this.#host;
    const oid = id.slice();
    let outcome: Servant | { readonly thrown: unknown };
    const then = (): void => {
      if (outcome instanceof Servant) this.serve(request, oid, done);
      else {
        answer(request, outcome.thrown);
        done();
      }
    };
    const incarnate = (ended: () => void): void => {
      const settle = (how: Servant | { readonly thrown: unknown }): void => {
        outcome = how;
        ended();
      };
      // It may have waited for its turn longer than its client did.
      if (hasWaited && request.signal.aborted) {
        settle({ thrown: clientGone() });
        return;
      }
      const operation = `incarnate of ${printableId(oid)}`;
      current._manageInTime(
        operation,
        () => activator.incarnate(oid, poa, request.target),
        (servant) => settle(this.#incarnated(objects, oid, servant)),
        (thrown) => settle({ thrown }),
        (servant) => {
          log.warn("a servant came too late and is given back", { operation });
          if (servant instanceof Servant) objects.giveBackLate(oid, servant);
        },
      );
    };
    const hasWaited = objects.isTurnTaken;
    objects.incarnating(oid, incarnate, then);
  }

  #incarnated(
    objects: ActiveObjects<P>,
    id: ObjectId,
    servant: Servant | null,
  ): Servant | { readonly thrown: unknown } {
    const wrong = this.#wrongServant(servant, "incarnate");
    if (wrong !== undefined) return { thrown: wrong };
    const found = servant as Servant;
    const before = objects.find(id);
    // An activator may have activated the object itself.
    if (before !== undefined && before.servant === found) return found;
    const isUnique = this.#host.policies.idUniqueness === "UNIQUE_ID";
    if (before !== undefined || (isUnique && objects.map.isActive(found))) {
      const text =
        "incarnate returned a servant that is active under another id, or for an id that is active";
      return { thrown: this.#adapterError(text, MINOR.incarnateBrokePolicy) };
    }
    objects.map.add(id, found);
    found._activatedBy(this.#host.poa);
    return found;
  }

  #wait(objects: ActiveObjects<P>, request: ServerRequest, id: ObjectId, done: () => void): void {
    if (this.#refuseWhenFull(objects, request, done)) return;
    objects.whenFree(id, () => {
      if (!request.signal.aborted) {
        this.serve(request, id, done);
        return;
      }
      request.systemException(clientGone());
      done();
    });
  }

  #refuseWhenFull(objects: ActiveObjects<P>, request: ServerRequest, done: () => void): boolean {
    if (objects.waitingCount < MAX_WAITING) return false;
    request.systemException(
      new TRANSIENT(
        `POA "${this.#name}": ${MAX_WAITING} requests wait for its servant activator already`,
        MINOR.requestDiscarded,
        Completion.no,
      ),
    );
    done();
    return true;
  }

  #wrongServant(servant: unknown, from: string): SystemException | undefined {
    if (servant instanceof Servant) return undefined;
    return servant === null || servant === undefined
      ? this.#adapterError(`${from} returned no servant`, MINOR.servantManagerReturnedNull)
      : this.#adapterError(`${from} returned what is no servant`, MINOR.noServant);
  }

  #missing(id: ObjectId): SystemException {
    switch (this.#host.policies.requestProcessing) {
      case "USE_DEFAULT_SERVANT":
        return this.#adapterError("there is no default servant yet", MINOR.noDefaultServant);
      case "USE_SERVANT_MANAGER":
        return this.#adapterError("there is no servant manager yet", MINOR.noServantManager);
      case "USE_ACTIVE_OBJECT_MAP_ONLY":
        return new OBJECT_NOT_EXIST(
          `POA "${this.#name}" has no active object ${printableId(id)}`,
          MINOR.objectNotActive,
          Completion.no,
        );
    }
  }

  /** What requests get while the POA is being destroyed. */
  beingDestroyed(): TRANSIENT {
    return new TRANSIENT(
      `POA "${this.#name}" is being destroyed`,
      MINOR.poaDestroyed,
      Completion.no,
    );
  }

  #adapterError(text: string, minor: number): OBJ_ADAPTER {
    return new OBJ_ADAPTER(`POA "${this.#name}": ${text}`, minor, Completion.no);
  }
}

function isLocated(found: Servant | Located | null): found is Located {
  return (
    typeof found === "object" && found !== null && !(found instanceof Servant) && "result" in found
  );
}

/** What a servant manager threw, as the client hears it. */
function answer(request: ServerRequest, thrown: unknown): void {
  if (thrown instanceof ForwardRequest) {
    const to = thrown.forward_reference;
    if (to instanceof ObjectReference) request.forward(to._core.ior, false);
    else {
      const what = to === null ? "nil" : "what is no object reference";
      request.systemException(
        new OBJ_ADAPTER(`a ForwardRequest to ${what}`, MINOR.none, Completion.no),
      );
    }
  } else if (thrown instanceof NeedsAddressingMode) {
    request.readdress(thrown.by);
  } else {
    request.systemException(toSystemException(thrown, Completion.no));
  }
}
