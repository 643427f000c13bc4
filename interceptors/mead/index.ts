export { failOverContext, failOverIn } from "./fail-over-message.ts";
export { FAIL_OVER, type FailOver, type Replica as ReplicaAddress } from "./gen/Mead.ts";
