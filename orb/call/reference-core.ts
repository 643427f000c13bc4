import type { Clock, Logger } from "../base/index.ts";
import type { ClientFlow } from "../hook/index.ts";
import type { Ior, ObjectGroup } from "../ior/index.ts";
import { Overrides } from "../policy/index.ts";
import type { ClientPolicies } from "../messaging/index.ts";
import type { AnyOperation, InvokeOptions } from "./operation.ts";
import { type Target, targetsOf } from "./target.ts";

/** A call whose answer is asked for later. */
export interface PolledCall {
  /** Those who look at the call; the ORB says who they are. */
  flow: ClientFlow | undefined;
}

/** Carries calls; the ORB is one. */
export interface Invoker {
  /** The ORB whose references it calls. */
  readonly owner: object;
  readonly policies: ClientPolicies;
  readonly log: Logger;
  readonly clock: Clock;
  invoke(
    core: ReferenceCore,
    operation: AnyOperation,
    args: readonly unknown[],
    options: InvokeOptions | undefined,
    polled?: PolledCall,
  ): Promise<unknown>;
}

/** Where a reference is bound to: a connection. */
export interface Binding {
  readonly isOpen: boolean;
}

function isNewer(found: ObjectGroup | undefined, known: ObjectGroup | undefined): boolean {
  return (
    found !== undefined &&
    found.id === known?.id &&
    found.domain === known.domain &&
    found.version > known.version
  );
}

/** What all references to one object share: where it is, and who calls it. */
export class ReferenceCore {
  readonly ior: Ior;
  readonly invoker: Invoker;
  /** Policies of calls through these references. */
  readonly overrides: Overrides;
  /** What calls that forbid rebinding have found; they go there and nowhere else. */
  binding: Binding | undefined;
  #own: readonly Target[] | undefined;
  #forwarded: readonly Target[] | undefined;
  /** Where the object went for good. */
  #moved: readonly Target[] | undefined;
  #good = 0;

  constructor(ior: Ior, invoker: Invoker, overrides: Overrides = Overrides.none) {
    this.ior = ior;
    this.invoker = invoker;
    this.overrides = overrides;
  }

  /** Addresses in the order of the reference's profiles; those of the last forward while one holds. */
  get targets(): readonly Target[] {
    return this.#forwarded ?? this.#moved ?? this.ownTargets;
  }

  /** The reference, or where it was forwarded to while that holds. */
  get currentIor(): Ior {
    return this.#forwarded?.[0]?.ior ?? this.#moved?.[0]?.ior ?? this.ior;
  }

  /** Addresses of the reference itself. @throws INV_OBJREF on a profile that cannot be read */
  get ownTargets(): readonly Target[] {
    this.#own ??= targetsOf(this.ior);
    return this.#own;
  }

  get isForwarded(): boolean {
    return this.#forwarded !== undefined;
  }

  /** Place among `targets` of the address that served last: where the next call begins. */
  get good(): number {
    return this.#good;
  }

  /** The `attempt`-th address when a call begins at place `first`; undefined when it has tried all. */
  targetFrom(first: number, attempt: number): Target | undefined {
    const { targets } = this;
    return attempt < targets.length ? targets[(first + attempt) % targets.length] : undefined;
  }

  /** All addresses, that which served last first. */
  orderedTargets(): readonly Target[] {
    const { targets } = this;
    return [...targets.slice(this.#good), ...targets.slice(0, this.#good)];
  }

  /** A target took a request. */
  served(target: Target): void {
    const { targets } = this;
    const { origin } = target;
    if (targets[this.#good] !== origin) this.#good = Math.max(0, targets.indexOf(origin));
  }

  /** The group that the reference names, in its newest version known here. @throws as `targets` */
  get group(): ObjectGroup | undefined {
    return this.targets[0]?.group;
  }

  /**
   * A request was lost at an address: if the next call would begin there, it begins with the one behind it. A server that
   * was killed goes on accepting connections until the system has torn its process down: others are to be asked first.
   */
  suspect({ origin }: Target): void {
    const { targets } = this;
    if (targets[this.#good] === origin) this.#good = (this.#good + 1) % targets.length;
  }

  /**
   * The server said that the object is elsewhere. For good, as a newer version of a group always is: then there is no
   * way back to the reference's own addresses. @throws INV_OBJREF
   */
  forwardTo(ior: Ior, isPermanent: boolean = false): void {
    const targets = ior === this.ior ? this.ownTargets : targetsOf(ior);
    if (isPermanent || isNewer(targets[0]?.group, this.group)) {
      this.#moved = targets;
      this.#forwarded = undefined;
    } else {
      this.#forwarded = targets;
    }
    this.#good = 0;
  }

  /** The place it was forwarded to failed: back to the reference itself. */
  dropForward(): void {
    this.#forwarded = undefined;
    this.#good = 0;
  }
}
