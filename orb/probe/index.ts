export type { ProbeAnswer, ProbeLimits, ProbeQuestion } from "./answer.ts";
export { askAddress, type ProbeMeans } from "./ask-address.ts";
