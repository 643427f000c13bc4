import type { Overlay, PeerRef, Standing } from "../overlay/index.ts";

/** A place among the peers, whatever overlay it is of. */
export interface OverlayNode {
  readonly overlay: Overlay;
  readonly ref: PeerRef;
  /** Leaves in order, and gives everything back. */
  close(): Promise<void>;
}

/** Whether a peer is in, and can be found. */
export function isIn(standing: Standing): boolean {
  return standing.at === "member" || standing.at === "coordinator";
}

/** For people: `member of 12`, `joining (binding)`. */
export function standingText(standing: Standing): string {
  switch (standing.at) {
    case "out":
    case "left":
      return standing.at;
    case "joining":
      return `joining (${standing.phase})`;
    case "member":
      return `member of ${standing.cell}`;
    case "coordinator":
      return `coordinator of ${standing.cell} (${standing.up})`;
  }
}
