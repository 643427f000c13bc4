export * as CORBA from "./gen/CORBA.ts";
export * as CosNaming from "./gen/CosNaming.ts";
