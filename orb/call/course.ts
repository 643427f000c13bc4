import type { ServiceContext } from "../giop/index.ts";
import type { CallAddress, CallChoice } from "../hook/index.ts";
import type { ClientConnection } from "../iiop/index.ts";
import type { Ior } from "../ior/index.ts";
import type { ReferenceCore } from "./reference-core.ts";
import { Target } from "./target.ts";

/** Forwards followed in one call before it is taken for a loop. */
export const MAX_FORWARDS = 10;
/** Connections that may close in good order under one call before it gives up. */
const MAX_REOPENS = 3;
/** Addresses that a choice may have one call try. */
const MAX_CHOSEN = 100;

function checked(addresses: readonly CallAddress[]): readonly Target[] {
  const targets = addresses.filter((address) => address instanceof Target);
  if (targets.length === addresses.length) return targets;
  throw new TypeError("a CallChoice may only return addresses that it was given, or made of them");
}

/** What a request is to more than one address. */
export interface Traveller {
  /** It goes over a connection to an address. */
  begun(at: Target, connection: ClientConnection): void;
  /** What it carries beside the contexts of its terms, asked for when it leaves. */
  contexts(): readonly ServiceContext[];
}

/** The way of one call through the addresses of its reference: which one is next, and when it has tried enough. */
export class Course {
  readonly core: ReferenceCore;
  /** Who decides in place of the order that the reference gives; mostly nobody. */
  readonly #choice: CallChoice | undefined;
  readonly #traveller: Traveller | undefined;
  /** What is left of what was decided; undefined when that is to be asked. */
  #chosen: readonly Target[] | undefined;
  #chosenCount = 0;
  /** What the choice threw when it was told of a failure. */
  failure: unknown;
  /** Where among the targets this call began. */
  #first = 0;
  #attempt = 0;
  #forwards = 0;
  #reopens = 0;
  /** The object at an address has answered. */
  isAnswered = false;

  constructor(core: ReferenceCore, choice?: CallChoice, traveller?: Traveller) {
    this.core = core;
    this.#choice = choice;
    this.#traveller = traveller;
  }

  /** What the request is to carry: the contexts of its terms, and those of a traveller. */
  contextsBeside(ofTerms: readonly ServiceContext[]): readonly ServiceContext[] {
    if (this.#traveller === undefined) return ofTerms;
    const own = this.#traveller.contexts();
    return ofTerms.length === 0 ? own : [...ofTerms, ...own];
  }

  /** The address to try now; undefined where the reference has none. @throws what reading the reference raises */
  target(): Target | undefined {
    if (this.#choice !== undefined) {
      this.#chosen ??= checked(this.#choice.order(this.core.orderedTargets()));
      return this.#chosen[0];
    }
    if (this.#attempt === 0) this.#first = this.core.good;
    return this.core.targetFrom(this.#first, this.#attempt);
  }

  /** Connections that the peer closed in good order at this address. */
  get reopens(): number {
    return this.#reopens;
  }

  /** The peer closed the connection in good order: whether the request may be sent to the same address again. */
  mayReopen(): boolean {
    return ++this.#reopens <= MAX_REOPENS;
  }

  /** The server sends the call elsewhere: whether that is still no loop. */
  mayFollow(): boolean {
    return ++this.#forwards <= MAX_FORWARDS;
  }

  /** @throws INV_OBJREF for a reference that cannot be read */
  forwardTo(ior: Ior, isPermanent: boolean): void {
    this.core.forwardTo(ior, isPermanent);
    this.#restart();
  }

  /**
   * Goes to the next address, then back to the unforwarded reference; false when there is nothing left to try.
   * @param at the one that failed, with `error`
   */
  goOn(at: Target, error: Error): boolean {
    this.#reopens = 0;
    if (this.#isNext(at, error)) return true;
    if (!this.core.isForwarded || this.failure !== undefined) return false;
    this.core.dropForward();
    this.#restart();
    return this.mayFollow();
  }

  #isNext(at: Target, error: Error): boolean {
    if (this.#choice === undefined) return ++this.#attempt < this.core.targets.length;
    const rest = this.#chosen?.slice(1) ?? [];
    try {
      this.#chosen = checked(this.#choice.failed?.(at, error, rest) ?? rest);
    } catch (failure) {
      this.failure = failure;
      return false;
    }
    return this.#chosen.length > 0 && ++this.#chosenCount < MAX_CHOSEN;
  }

  #restart(): void {
    this.#attempt = 0;
    this.#chosen = undefined;
  }

  /** The request goes over a connection to an address. */
  begun(at: Target, connection: ClientConnection): void {
    this.core.served(at);
    this.#traveller?.begun(at, connection);
  }

  /** The object at an address answered, or a oneway request left. */
  served(at: Target): void {
    this.isAnswered = true;
    this.#choice?.served?.(at);
  }

  /** Nobody knows what became of the request at an address. */
  lost(at: Target, error: Error): void {
    this.#choice?.failed?.(at, error, []);
  }
}
