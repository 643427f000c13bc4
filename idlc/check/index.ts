export { check } from "./checker.ts";
