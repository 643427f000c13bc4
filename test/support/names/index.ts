export { NamingCompany, type NamingPeer } from "./company.ts";
export { NamesSimulation, type NamesSimulationOptions, type SimulatedNames } from "./simulation.ts";
