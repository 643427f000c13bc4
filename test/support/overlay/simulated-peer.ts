import type { PeerId, PeerRef } from "../../../services/overlay/index.ts";
import type { P3Machine, PeerEvent } from "../../../services/p3/index.ts";

/**
 * One peer of a simulation, and the reference to it: whoever holds that has the peer at hand, without a look into a
 * table of thousands, or at one object more that no processor has in its memory.
 */
export class SimulatedPeer implements PeerRef {
  readonly id: PeerId;
  readonly address: string;
  state: "alive" | "frozen" | "dead" = "alive";
  /** Whether it was told to leave. */
  hasLeft = false;
  /** Whether its machine says so when its process is gone. */
  isPlugged = true;
  /** In the order they started. */
  readonly number: number;
  /** What came while it was frozen. */
  readonly kept: PeerEvent[] = [];
  readonly machine: P3Machine;

  /** @param machineOf makes its machine, which is given the reference */
  constructor(id: PeerId, number: number, machineOf: (ref: PeerRef) => P3Machine) {
    this.id = id;
    this.address = id;
    this.number = number;
    this.machine = machineOf(this);
  }

  /** The same as this: what other peers know of it. */
  get ref(): PeerRef {
    return this;
  }

  /** Where a standing or a message is printed only what a reference is. */
  toJSON(): PeerRef {
    return { id: this.id, address: this.address };
  }
}
