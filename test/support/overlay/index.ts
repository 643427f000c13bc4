export { Agenda } from "./agenda.ts";
export { faultsOf } from "./invariants.ts";
export {
  type NetworkSettings,
  QUIET_NETWORK,
  ROUGH_NETWORK,
  SimulatedNetwork,
} from "./network.ts";
export { SimulatedPeer } from "./simulated-peer.ts";
export { type Delivery, Simulation, type SimulationOptions } from "./simulation.ts";
export { againBy, seedsToRun } from "./seeds.ts";
export { rootOf, Watch, type WatchBounds } from "./watch.ts";
export { PAPER_LEVELS, PAPER_PEERS, startPeers, type StartOptions, untilQuiet } from "./paper.ts";
export {
  LONGEST_TROUBLE_MS,
  makeTrouble,
  makeTroubles,
  type Trouble,
  TROUBLES,
} from "./trouble.ts";
