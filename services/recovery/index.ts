export type { Launcher, ReplicaListener, RunningReplica } from "./launcher.ts";
export { type RecoveryEvent, RecoveryManager, type RecoveryOptions } from "./manager.ts";
export {
  NO_RECOVERY,
  type RecoveryEffect,
  type RecoveryInput,
  type RecoveryState,
  type RecoveryStep,
  stepRecovery,
} from "./plan.ts";
export { ProcessLauncher, type ProcessLauncherOptions } from "./process-launcher.ts";
export { serveRecovery, type ServeRecoveryOptions } from "./serve.ts";
