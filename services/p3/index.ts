export {
  type CellId,
  childOf,
  contains,
  depthOf,
  digitOf,
  isCellId,
  LARGEST_DEPTH,
  LARGEST_SPAN,
  parentOf,
  parseCell,
  printCell,
  ROOT_CELL,
} from "./state/cell-id.ts";
export { type Change, Directory, type Key } from "./state/directory.ts";
export { P3Machine, type PeerEvent, type PeerOptions } from "./machine.ts";
export { type Message, P3_VERSION } from "./message.ts";
export { P3Overlay, type P3OverlayOptions } from "./overlay.ts";
export { type LevelSettings, P3_DEFAULTS, type P3Settings } from "./settings.ts";
export type { Link } from "./state/link.ts";
export type { Cell, Effect, Turn, Up } from "./state/state.ts";
