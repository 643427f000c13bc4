export { Agenda } from "./agenda.ts";
export { faultsOf } from "./invariants.ts";
export {
  type NetworkSettings,
  QUIET_NETWORK,
  ROUGH_NETWORK,
  SimulatedNetwork,
} from "./network.ts";
export { type SimulatedPeer, Simulation, type SimulationOptions } from "./simulation.ts";
