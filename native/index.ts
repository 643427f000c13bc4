export { NativeError } from "./error.ts";
export { loadNative, nativeFault } from "./load.ts";
export type { NativeAddon } from "./load.ts";
export type { NativeMutexes } from "./mutex.ts";
export { plainMutexes } from "./plain-mutex.ts";
export type { NativeScheduler, NativeScheduling, ProcessThread } from "./scheduler.ts";
export { ControlGroupError } from "./cgroup-error.ts";
export type { GroupAction } from "./cgroup-error.ts";
export { ControlGroup, ControlGroups } from "./cgroup.ts";
export type { GroupPlan, GroupsAt } from "./cgroup.ts";
export type { GroupFiles } from "./cgroup-files.ts";
export { kernelFiles } from "./cgroup-files.ts";
export type { Controller, Hierarchy } from "./cgroup-mounts.ts";
export type { CpuTime, GroupSettings, SettingName } from "./cgroup-settings.ts";
export { readCoreList, writeCoreList } from "./core-list.ts";
export type {
  NativeSockets,
  PeerCredentials,
  ReceivedDescriptors,
  SocketOption,
} from "./socket.ts";
