export * as Qos from "./gen/Qos.ts";
