import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import type { PoaPolicies } from "../policy/index.ts";
import type { Current, ReferenceMaker } from "./current.ts";
import {
  ObjectAlreadyActive,
  ObjectNotActive,
  ServantAlreadyActive,
  ServantNotActive,
  WrongPolicy,
} from "./exceptions.ts";
import { idName, type ObjectId, printableId, SystemIds } from "./object-id.ts";
import type { Servant, ServantHome } from "./servant.ts";
import type { Servants } from "./servants.ts";

/** What the rules need of the POA. */
export interface Associating extends ReferenceMaker, ServantHome {
  readonly the_name: string;
  readonly policies: PoaPolicies;
  activate_object(servant: Servant): ObjectId;
}

/** Which servant belongs to which id, by the rules of the policies (CORBA 3.3 Part 1, 15.3.9). */
export class Associations<P extends Associating> {
  readonly #poa: P;
  readonly #policies: PoaPolicies;
  readonly #servants: Servants<P>;
  readonly #current: Current<P>;
  readonly #ids: SystemIds;

  /** @param run octets that tell this run of the ORB from every other */
  constructor(poa: P, servants: Servants<P>, current: Current<P>, run: Uint8Array) {
    this.#poa = poa;
    this.#policies = poa.policies;
    this.#servants = servants;
    this.#current = current;
    this.#ids = new SystemIds(this.#policies.lifespan === "PERSISTENT" ? run : undefined);
  }

  newId(): ObjectId {
    return this.#ids.next();
  }

  /** @throws BAD_PARAM for an id that a SYSTEM_ID POA did not make */
  checkId(id: ObjectId): void {
    if (this.#policies.idAssignment !== "SYSTEM_ID" || this.#ids.mayHaveMade(id)) return;
    throw new BAD_PARAM(
      `${printableId(id)} is no id that SYSTEM_ID POA "${this.#poa.the_name}" made`,
      MINOR.invalidObjectId,
      Completion.no,
    );
  }

  /** @throws ServantAlreadyActive */
  add(id: ObjectId, servant: Servant): ObjectId {
    const { objects } = this.#servants;
    if (this.#policies.idUniqueness === "UNIQUE_ID" && objects?.map.isActive(servant) === true) {
      throw new ServantAlreadyActive(
        `this servant of ${servant._descriptor.name} is active in POA "${this.#poa.the_name}" already, which has UNIQUE_ID`,
      );
    }
    objects?.map.add(id, servant);
    servant._activatedBy(this.#poa);
    return id;
  }

  /** @throws ObjectAlreadyActive, also while the last activation of the id is not over */
  checkFree(id: ObjectId): void {
    const { objects } = this.#servants;
    const isLeaving = objects?.isBusy(id) === true;
    if (!isLeaving && objects?.find(id) === undefined) return;
    const how = isLeaving ? "that is not yet gone: activate() waits for it" : "already";
    throw new ObjectAlreadyActive(
      `POA "${this.#poa.the_name}" has an active object ${printableId(id)} ${how}`,
    );
  }

  /** @throws ServantNotActive, WrongPolicy */
  idOf(servant: Servant): ObjectId {
    if (!this.#hasDefaultServants && !this.#areServantsIds) {
      throw this.#wrongPolicy(
        "servant_to_id",
        "USE_DEFAULT_SERVANT, or RETAIN with UNIQUE_ID or IMPLICIT_ACTIVATION",
      );
    }
    const id = this.#knownId(servant);
    if (id !== undefined) return id;
    const context = this.#current._peek();
    const isCalled = context?.poa === this.#poa && context.servant === servant;
    if (isCalled && this.#servants.defaultServant === servant) return context.objectId.slice();
    throw this.#servantNotActive(servant);
  }

  /** The id that a reference to the servant's object has. @throws ServantNotActive, WrongPolicy */
  referredId(servant: Servant): ObjectId {
    const context = this.#current._peek();
    const isCalled = context?.poa === this.#poa && context.servant === servant;
    if (!this.#areServantsIds && !isCalled) {
      throw this.#wrongPolicy(
        "servant_to_reference",
        "RETAIN with UNIQUE_ID or IMPLICIT_ACTIVATION outside of an upcall on the servant",
      );
    }
    const id = this.#knownId(servant) ?? (isCalled ? context.objectId : undefined);
    if (id === undefined) throw this.#servantNotActive(servant);
    return id;
  }

  /** The servant in the map, else the default servant. @throws ObjectNotActive, WrongPolicy */
  servantOf(id: ObjectId): Servant {
    if (this.#policies.servantRetention !== "RETAIN" && !this.#hasDefaultServants) {
      throw this.#wrongPolicy("the servant of an id", "RETAIN or USE_DEFAULT_SERVANT");
    }
    const servant = this.activeServantOf(id) ?? this.#servants.defaultServant;
    if (servant === undefined) throw this.notActive(id);
    return servant;
  }

  /** The servant in the map; the association stands until the requests of an object have ended. */
  activeServantOf(id: ObjectId): Servant | undefined {
    return this.#servants.objects?.map.find(idName(id))?.servant;
  }

  /** @throws WrongPolicy */
  needs<K extends keyof PoaPolicies>(operation: string, key: K, value: PoaPolicies[K]): void {
    if (this.#policies[key] !== value) throw this.#wrongPolicy(operation, value);
  }

  notActive(id: ObjectId): ObjectNotActive {
    const name = this.#poa.the_name;
    return new ObjectNotActive(`POA "${name}" has no active object ${printableId(id)}`);
  }

  get #hasDefaultServants(): boolean {
    return this.#policies.requestProcessing === "USE_DEFAULT_SERVANT";
  }

  /** Whether a servant alone may stand for an id. */
  get #areServantsIds(): boolean {
    const { servantRetention, idUniqueness, implicitActivation } = this.#policies;
    return (
      servantRetention === "RETAIN" &&
      (idUniqueness === "UNIQUE_ID" || implicitActivation === "IMPLICIT_ACTIVATION")
    );
  }

  /** By the map, or by implicit activation. */
  #knownId(servant: Servant): ObjectId | undefined {
    const { idUniqueness, implicitActivation } = this.#policies;
    const known =
      idUniqueness === "UNIQUE_ID" ? this.#servants.objects?.map.idOf(servant) : undefined;
    if (known !== undefined || implicitActivation !== "IMPLICIT_ACTIVATION") return known;
    return this.#poa.activate_object(servant);
  }

  #wrongPolicy(operation: string, needed: string): WrongPolicy {
    const name = this.#poa.the_name;
    return new WrongPolicy(`${operation} needs ${needed}, which POA "${name}" has not`);
  }

  #servantNotActive(servant: Servant): ServantNotActive {
    return new ServantNotActive(
      `this servant of ${servant._descriptor.name} is not active in POA "${this.#poa.the_name}"`,
    );
  }
}
