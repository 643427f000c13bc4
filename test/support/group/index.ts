export { GroupSimulation } from "./simulation.ts";
export { type Budget, explore, type Explored } from "./explore.ts";
export { copy, freeze, hashOf, textOf } from "./fingerprint.ts";
export { type Mutant, MUTANTS } from "./mutants.ts";
export { type Mutation, World, type WorldOptions } from "./world.ts";
