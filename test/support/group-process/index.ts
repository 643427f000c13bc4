export { GroupProcess, isServing, type SaidStanding } from "./group-process.ts";
export type { Order, ProgramOptions, Said } from "./words.ts";
