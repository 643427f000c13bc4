export { NativeError } from "./error.ts";
export { loadNative, nativeFault } from "./load.ts";
export type { NativeAddon } from "./load.ts";
export type { NativeScheduler, NativeScheduling, ProcessThread } from "./scheduler.ts";
