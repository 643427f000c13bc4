export { parse } from "./parser.ts";
