export { parseEndpoint, parsePublish, type PublishTemplate } from "./endpoints.ts";
export { InvalidName } from "./exceptions.ts";
export {
  DEFAULT_DEADLINE_MS,
  type OrbConfig,
  type OrbInitOptions,
  withoutOrbArguments,
} from "./options.ts";
export {
  type Machine,
  type MachineAddress,
  type PublishedAddresses,
  publishedAddresses,
} from "./published.ts";
export { _get_orb } from "./get-orb.ts";
export { ORB, ORB_init, SHUTDOWN_TIMEOUT_MS } from "./orb.ts";
