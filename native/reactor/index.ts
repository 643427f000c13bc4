export { createReactor } from "./create.ts";
export type { ReactorChannel } from "./channel.ts";
export type {
  Credentials,
  ListenPlace,
  NativeListener,
  Place,
  ReactorOptions,
  Receiver,
} from "./port.ts";
export type { RawReactor } from "./raw.ts";
export type { ReactorTransport } from "./transport.ts";
