export { InvalidName } from "./exceptions.ts";
export {
  DEFAULT_DEADLINE_MS,
  type OrbConfig,
  type OrbInitOptions,
  withoutOrbArguments,
} from "./options.ts";
export { ORB, ORB_init, SHUTDOWN_TIMEOUT_MS } from "./orb.ts";
