export * as Groups from "./gen/Groups.ts";
