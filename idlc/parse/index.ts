export { parse } from "./parser.ts";
export { LATER_TYPES } from "./refused.ts";
