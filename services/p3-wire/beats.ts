import type { PeerRef } from "../overlay/index.ts";
import type { Message } from "../p3/index.ts";
import { maybe, type Of, packSurroundings, unpackSurroundings } from "./entries.ts";
import { P3 } from "./p3.ts";

export const BEAT_KINDS = ["member-beat", "coordinator-beat", "child-beat", "parent-beat"] as const;

/** A heartbeat of a link. */
export type Beat = Of<(typeof BEAT_KINDS)[number]>;

export function isBeat(message: Message): message is Beat {
  return (BEAT_KINDS as readonly string[]).includes(message.kind);
}

/** Sends a heartbeat; the promise is of its leaving. */
export function tellBeat(
  to: P3.FaultTolerance,
  self: PeerRef,
  number: number,
  beat: Beat,
): Promise<void> {
  switch (beat.kind) {
    case "member-beat":
      return to.member_beat(self, number, beat);
    case "coordinator-beat": {
      const { root, around } = beat;
      return to.coordinator_beat(self, number, {
        ...beat,
        root: maybe(root),
        around: around === undefined ? [] : [packSurroundings(around)],
      });
    }
    case "child-beat":
      return to.child_beat(self, number, beat);
    case "parent-beat":
      return to.parent_beat(self, number, {
        ...beat,
        root: maybe(beat.root),
        kin: maybe(beat.kin),
      });
  }
}

/** Who hears what comes to a peer's P3::FaultTolerance. */
export interface BeatEars {
  beat(sender: PeerRef, number: number, beat: Beat): void;
  /** The beat of that number once more. */
  again(number: number, stalledMs: number): void;
}

/** The servant of P3::FaultTolerance. */
export class BeatReceiver extends P3.FaultToleranceSkeleton {
  readonly #ears: BeatEars;

  constructor(ears: BeatEars) {
    super();
    this.#ears = ears;
  }

  member_beat(sender: PeerRef, number: number, body: P3.MemberBeat): void {
    this.#ears.beat(sender, number, { kind: "member-beat", ...body });
  }

  coordinator_beat(sender: PeerRef, number: number, body: P3.CoordinatorBeat): void {
    const { root, around } = body;
    this.#ears.beat(sender, number, {
      kind: "coordinator-beat",
      ...body,
      root: root[0],
      around: around[0] === undefined ? undefined : unpackSurroundings(around[0]),
    });
  }

  child_beat(sender: PeerRef, number: number, body: P3.ChildBeat): void {
    this.#ears.beat(sender, number, { kind: "child-beat", ...body });
  }

  parent_beat(sender: PeerRef, number: number, body: P3.ParentBeat): void {
    this.#ears.beat(sender, number, {
      kind: "parent-beat",
      ...body,
      root: body.root[0],
      kin: body.kin[0],
    });
  }

  again(number: number, stalledMs: number): void {
    this.#ears.again(number, stalledMs);
  }
}
