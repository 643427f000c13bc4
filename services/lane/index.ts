export {
  isLogLine,
  type LaneBirth,
  type LaneControl,
  type LaneLogLine,
  type ModuleExport,
  type Opened,
  type Opening,
  type Placement,
  type PlacementWish,
  type Refusal,
} from "./control.ts";
export { LaneLink } from "./link.ts";
export { placementWarning, schedulingText } from "./placement.ts";
export { serveLane } from "./serve.ts";
export type { LaneMachine } from "./worker.ts";
