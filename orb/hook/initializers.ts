import type { CdrContext } from "../cdr/index.ts";
import type { Ior } from "../ior/index.ts";
import type { Policy } from "../policy/index.ts";
import type { ClientHook } from "./client-request.ts";
import type { IorHook } from "./ior-shape.ts";
import type { ServerHook } from "./server-request.ts";

/** An ORB that is being made. */
export interface OrbInProgress {
  /** As given to `ORB_init`. */
  readonly arguments: readonly string[];
  /** The name given with `-ORBid`; empty by default. */
  readonly id: string;
  /** How references and values enter and leave streams. */
  readonly context: CdrContext;
  /** An `ObjectReference`, which is unknown on this floor. */
  reference(ior: Ior): unknown;
  /** Where a reference leads. @throws BAD_PARAM for what is no reference */
  iorOf(reference: unknown): Ior;
  /** As the ORB's; also for objects of this process. @throws InvalidName, BAD_PARAM 27 for nil */
  register(id: string, object: unknown): void;
  /** As the ORB's. @throws InvalidName */
  resolve(id: string): Promise<unknown>;
  warn(text: string, error: unknown): void;
}

/** What looks into an ORB from now on; what is absent costs nothing. */
export interface Hooks {
  readonly client?: ClientHook | undefined;
  readonly server?: ServerHook | undefined;
  readonly ior?: IorHook | undefined;
  /** Makes policies of types the ORB does not know; undefined for a type nobody knows. */
  policy?(type: number, value: unknown): Policy | undefined;
  /** The ORB is complete: its endpoints are open. What it throws ends the ORB. */
  complete?(): Promise<void>;
  /** The ORB was destroyed. */
  destroy?(): void;
}

/** Looks at an ORB in the making and leaves hooks in it; `portable` of `orbweaver/interceptors` makes one. */
export interface Initializers {
  /** Before there is a POA. What it throws ends the ORB. */
  begin(orb: OrbInProgress): Hooks;
}
