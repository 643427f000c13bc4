export {
  GroupProcess,
  type GroupProcessOptions,
  isServing,
  type SaidBooks,
  type SaidStanding,
} from "./group-process.ts";
export type { Order, ProgramOptions, Said } from "./words.ts";
