export { holding, sendc } from "./ami.ts";
export { newGroupClient } from "./group-call.ts";
export { Cancellations } from "./cancellations.ts";
export {
  COMPONENT,
  type Implicit,
  INTERFACE,
  IS_A,
  NON_EXISTENT,
  REPOSITORY_ID,
} from "./implicit.ts";
export { Invocations } from "./invocation.ts";
export type { CallEnvironment } from "./call-environment.ts";
export { LocalObject } from "./local-object.ts";
export { ObjectContext } from "./object-context.ts";
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
export { ObjectReference } from "./reference.ts";
export { type Invoker, ReferenceCore } from "./reference-core.ts";
export {
  invoke,
  narrow,
  readAbstract,
  readObject,
  readObjectAs,
  type StubClass,
  uncheckedNarrow,
  writeObject,
} from "./stub.ts";
export { type Target } from "./target.ts";
export type { ValueFactory } from "./value-factories.ts";
