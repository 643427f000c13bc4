import type { Target } from "../giop/index.ts";
import type { ObjectId } from "./object-id.ts";
import type { Servant } from "./servant.ts";

/**
 * Makes servants for a POA with RETAIN and USE_SERVANT_MANAGER (CORBA 3.3 Part 1, 15.3.6). Its operations may
 * answer with a promise; of one POA they run one after the other.
 */
export interface Activator<P> {
  /**
   * Called for a request to an object that is not active; the servant serves the object from now on.
   * @param target how the client names the object
   * @throws ForwardRequest to send the client elsewhere, NeedsAddressingMode to have it name the object otherwise; a system
   *   exception is the client's
   */
  incarnate(oid: ObjectId, adapter: P, target: Target): Servant | null | Promise<Servant | null>;
  /**
   * The object is no longer active, and its requests have ended. What it throws is ignored.
   * @param cleanup_in_progress the POA is being destroyed, its manager deactivated or the ORB shut down
   * @param remaining_activations the servant stands for other objects of this POA
   */
  etherealize(
    oid: ObjectId,
    adapter: P,
    serv: Servant,
    cleanup_in_progress: boolean,
    remaining_activations: boolean,
  ): void | Promise<void>;
}

/** What `preinvoke` found. `the_cookie` is handed to `postinvoke` as it is. */
export interface Located {
  readonly result: Servant;
  readonly the_cookie?: unknown;
}

/** Finds a servant for each request to a POA with NON_RETAIN and USE_SERVANT_MANAGER (CORBA 3.3 Part 1, 15.3.7). */
export interface Locator<P> {
  /**
   * A servant alone stands for one without a cookie.
   * @param target how the client names the object
   * @throws ForwardRequest, NeedsAddressingMode; a system exception is the client's
   */
  preinvoke(
    oid: ObjectId,
    adapter: P,
    operation: string,
    target: Target,
  ): Servant | Located | null | Promise<Servant | Located | null>;
  /** Called when the request was answered, also with an exception. What it throws is ignored. */
  postinvoke(
    oid: ObjectId,
    adapter: P,
    operation: string,
    the_cookie: unknown,
    the_servant: Servant,
  ): void | Promise<void>;
}

export type Manager<P> = Activator<P> | Locator<P>;

/** Makes POAs when requests or `find_POA` ask for them (CORBA 3.3 Part 1, 15.3.4). */
export interface ChildMaker<P> {
  /** Creates `name` beneath `parent` and answers true; false when there shall be no such POA. */
  unknown_adapter(parent: P, name: string): boolean | Promise<boolean>;
}

function has(value: unknown, ...operations: readonly string[]): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    operations.every((name) => typeof (value as Record<string, unknown>)[name] === "function")
  );
}

export function isActivator<P>(value: unknown): value is Activator<P> {
  return has(value, "incarnate", "etherealize");
}

export function isLocator<P>(value: unknown): value is Locator<P> {
  return has(value, "preinvoke", "postinvoke");
}
