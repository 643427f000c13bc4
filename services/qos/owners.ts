import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Arrival,
  type Channel,
  type DispatchGate,
  type Outcome,
  PassedOnChannel,
  type Transport,
  type Upcall,
} from "../../orb/index.ts";
import type { Owner } from "./keeper.ts";

type Deadline = Parameters<Upcall>[1];

/** Requests of this process itself: the daemon's own. */
const HERE: Owner = { id: "this process", credentials: undefined, isGone: false };
/** Requests whose connection ended before they got here. */
const GONE: Owner = { id: "a connection that has ended", credentials: undefined, isGone: true };

/**
 * Who is at the other end of each connection, and which of them asks. The transport tells of connections
 * and their end, the gate of each request which connection it came by.
 */
export class Owners implements DispatchGate {
  readonly #owners: Map<string, Owner> = new Map();
  readonly #asking: AsyncLocalStorage<Owner> = new AsyncLocalStorage();
  readonly #gone: (owner: Owner) => void;
  #upcall: Upcall | undefined;
  #isOpen = false;

  /** @param gone is told of each connection that ended */
  constructor(gone: (owner: Owner) => void) {
    this.#gone = gone;
  }

  /** Connections are taken from now on; those before, when not everyone was kept out yet, were closed. */
  open(): void {
    this.#isOpen = true;
  }

  /** Whose request is under way. */
  get asking(): Owner {
    return this.#asking.getStore() ?? HERE;
  }

  attach(upcall: Upcall): void {
    this.#upcall = upcall;
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    const upcall = this.#upcall;
    if (upcall === undefined) throw new TypeError("the gate is attached to no POA");
    const { connectionId } = arrival.caller;
    // The ORB adds a number of its own to what the channel calls its peer.
    const peer = connectionId.slice(0, connectionId.lastIndexOf("#"));
    const owner = connectionId === HERE.id ? HERE : (this.#owners.get(peer) ?? GONE);
    return this.#asking.run(owner, () => upcall(arrival, deadline));
  }

  transport(base: Transport): Transport {
    return {
      connect: (to, signal) => base.connect(to, signal),
      listen: (at, accept) =>
        base.listen(at, (channel) => {
          if (this.#isOpen) accept(this.#own(channel));
          else channel.destroy();
        }),
    };
  }

  #own(channel: Channel): Channel {
    const { credentials } = channel;
    const owner: Owner = { id: channel.peer, credentials, isGone: false };
    this.#owners.set(owner.id, owner);
    return new PassedOnChannel(channel, {
      closed: () => {
        if (this.#owners.delete(owner.id)) this.#gone(owner);
      },
    });
  }
}
