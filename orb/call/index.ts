export { Call } from "./call.ts";
export type { CallEnvironment } from "./call-environment.ts";
export { Cancellations } from "./cancellations.ts";
export { Course } from "./course.ts";
export { GroupCall } from "./group-call.ts";
export { newGroupClient } from "./group-client.ts";
export { Heartbeats } from "./heartbeat.ts";
export {
  COMPONENT,
  type Implicit,
  INTERFACE,
  IS_A,
  isA,
  LOCATE,
  locate,
  NON_EXISTENT,
  nonExistent,
  remoteRepositoryId,
  REPOSITORY_ID,
} from "./implicit.ts";
export { leavesAtOnce } from "./oneway.ts";
export {
  type AnyOperation,
  type AnyServantOperation,
  type ClientOperation,
  type InterfaceDescriptor,
  type InvokeOptions,
  OBJECT_REPOSITORY_ID,
  type Operation,
  type Raises,
  type ServantOperation,
  repositoryIdsOf,
} from "./operation.ts";
export { type Invoker, type PolledCall, ReferenceCore } from "./reference-core.ts";
export { Target, targetsOf } from "./target.ts";
