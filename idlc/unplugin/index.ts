export type { IdlcPluginOptions } from "./modules.ts";
export { idlc } from "./plugin.ts";
