import type { Target as Addressing } from "../giop/index.ts";
import type { Ior } from "../ior/index.ts";
import type { ReferenceCore } from "./reference-core.ts";
import type { Target } from "./target.ts";

/** Forwards followed in one call before it is taken for a loop. */
export const MAX_FORWARDS = 10;
/** Connections that may close in good order under one call before it gives up. */
const MAX_REOPENS = 3;

/** The way of one call through the addresses of its reference: which one is next, and when it has tried enough. */
export class Course {
  readonly #core: ReferenceCore;
  /** Where among the targets this call began. */
  #first = 0;
  #attempt = 0;
  #forwards = 0;
  #reopens = 0;
  /** How the server wants the object named. */
  addressing: Addressing["by"] = "key";

  constructor(core: ReferenceCore) {
    this.#core = core;
  }

  /** The address to try now; undefined where the reference has none. @throws what reading the reference raises */
  target(): Target | undefined {
    if (this.#attempt === 0) this.#first = this.#core.good;
    return this.#core.targetFrom(this.#first, this.#attempt);
  }

  /** Whether another address may give another answer. */
  get isElsewhere(): boolean {
    return this.#core.isForwarded || this.#attempt + 1 < this.#core.targets.length;
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
    this.#core.forwardTo(ior, isPermanent);
    this.#attempt = 0;
  }

  /** Goes to the next address, then back to the unforwarded reference; false when there is nothing left to try. */
  goOn(): boolean {
    this.#attempt++;
    this.#reopens = 0;
    if (this.#attempt < this.#core.targets.length) return true;
    if (!this.#core.isForwarded) return false;
    this.#core.dropForward();
    this.#attempt = 0;
    return this.mayFollow();
  }
}
