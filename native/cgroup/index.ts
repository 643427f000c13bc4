export { readCoreList, readCoreMask, writeCoreList, writeCoreMask } from "./core-list.ts";
export { ControlGroupError, type GroupAction } from "./error.ts";
export { codeOf, type GroupFiles, kernelFiles } from "./files.ts";
export {
  ControlGroup,
  ControlGroups,
  type GroupPlan,
  type GroupsAt,
  type GroupUse,
} from "./groups.ts";
export type { Controller, Hierarchy } from "./mounts.ts";
export type { CpuTime, GroupSettings, SettingName } from "./settings.ts";
