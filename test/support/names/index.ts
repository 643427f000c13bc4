export { NamesSimulation, type NamesSimulationOptions, type SimulatedNames } from "./simulation.ts";
