export type { Surroundings } from "../command/index.ts";
export { run } from "./run.ts";
export { lineLogger } from "./line-logger.ts";
