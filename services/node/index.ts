export { ConfigError, loadConfig, type NodeConfig, type OrbConfig, parseConfig } from "./config.ts";
