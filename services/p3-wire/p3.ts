export * as P3 from "./gen/P3.ts";
