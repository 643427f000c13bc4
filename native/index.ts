export { awakeCommand, AwakeCores, type SleepyCore, wakeUpFile } from "./awake.ts";
export { BorrowedSettings, processSettings, type SettingFiles } from "./borrowed.ts";
export {
  ControlGroup,
  ControlGroupError,
  ControlGroups,
  type Controller,
  type CpuTime,
  type GroupAction,
  type GroupFiles,
  type GroupPlan,
  type GroupsAt,
  type GroupSettings,
  type GroupUse,
  type Hierarchy,
  kernelFiles,
  readCoreList,
  readCoreMask,
  type SettingName,
  writeCoreList,
  writeCoreMask,
} from "./cgroup/index.ts";
export { NativeError } from "./error.ts";
export { shimPath } from "./shim.ts";
export { loadNative, nativeFault } from "./load.ts";
export type { NativeAddon } from "./load.ts";
export { createMutexes, plainMutexes } from "./mutex.ts";
export type { NativeMutexes } from "./mutex.ts";
export type { NativeScheduler, NativeScheduling, ProcessThread } from "./scheduler.ts";
export type {
  NativeSockets,
  PeerCredentials,
  ReceivedDescriptors,
  SocketOption,
} from "./socket.ts";
export {
  type CoresToClear,
  type Disturbance,
  keepGroupsOff,
  keepInterruptsOff,
  type KeptOff,
} from "./undisturbed.ts";
export type { Burning, LoadSpec, NativeBurner } from "./burner.ts";
export type {
  Credentials,
  ListenPlace,
  NativeListener,
  Place,
  ReactorChannel,
  ReactorOptions,
  ReactorTransport,
  Receiver,
} from "./reactor/index.ts";
