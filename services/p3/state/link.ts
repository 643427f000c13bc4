import { type PeerEntry, type PeerRef, PhiDetector } from "../../overlay/index.ts";
import type { P3Settings } from "../settings.ts";
import { Ahead } from "./ahead.ts";
import type { CellId, Digit } from "./cell-id.ts";

/** What a new link starts from. */
interface Beginning {
  readonly settings: P3Settings;
  readonly turn: { readonly nowMs: number };
}

/**
 * A neighbour that is watched. The link is the detector of its silence: two objects would be twice as far apart in
 * memory, and each heartbeat needs both.
 */
export class Link extends PhiDetector {
  readonly ref: PeerRef;
  /** Version of our state that it has. */
  acked: number;
  /** Our versions one and two beats ago: what it should have by now. */
  before = -1;
  longBefore = -1;

  constructor({ settings, turn }: Beginning, ref: PeerRef, acked: number = -1) {
    super(settings.detector, turn.nowMs);
    this.ref = ref;
    this.acked = acked;
  }
}

/** The link to a member, with what every heartbeat to it needs. */
export class MemberLink extends Link {
  /** Whether it has a copy of the cell's state. */
  readonly keeps: boolean;
  /** Version of the member's entry in the directory. */
  entryVersion: number;

  constructor(beginning: Beginning, { ref, role, version }: PeerEntry, acked: number = -1) {
    super(beginning, ref, acked);
    this.keeps = keepsState(role);
    this.entryVersion = version;
  }
}

/** The link to a child cell. */
export class ChildLink extends Link {
  readonly digit: Digit;
  /** The child's id, and the own id that it was made of. */
  id: CellId = "";
  parentId: CellId = "";
  /** Version of its state that is in our directory; -1: none yet. */
  applied: number;
  readonly ahead: Ahead = new Ahead();
  /** When it fell silent; it is kept for a while for its next coordinator. */
  lostAtMs: number | undefined = undefined;

  constructor(beginning: Beginning, digit: Digit, ref: PeerRef, applied: number) {
    super(beginning, ref);
    this.digit = digit;
    this.applied = applied;
  }
}

/** Whether a peer of that role keeps the cell's state. */
export function keepsState(role: PeerEntry["role"]): boolean {
  return role === "superpeer";
}
