export {
  type Arrival,
  type Caller,
  DirectGate,
  type DispatchGate,
  type Encoding,
  type FtRequest,
  GATE_POLICY_TYPE,
  gatePolicy,
  isDispatchGate,
  type Outcome,
  type Upcall,
} from "./dispatch-gate.ts";
