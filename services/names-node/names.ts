export * as Names from "./gen/Names.ts";
