export { holding, sendc } from "./ami.ts";
export { Invocations } from "./invocation.ts";
export {
  NoPossiblePollable,
  type Pollable,
  PollableSet,
  UnknownPollable,
} from "./pollable-set.ts";
export { Poller, type PollerOf, sendp } from "./poller.ts";
export { LocalObject } from "./local-object.ts";
export { ObjectContext } from "./object-context.ts";
export { ObjectReference } from "./reference.ts";
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
export type { ValueFactory } from "./value-factories.ts";
