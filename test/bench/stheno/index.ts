export { stheno } from "./stheno.ts";
