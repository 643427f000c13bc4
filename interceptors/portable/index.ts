export { ClientRequestInfo } from "./client-info.ts";
export { Codec, CodecFactory } from "./codec.ts";
export { ForwardForGood } from "./exceptions.ts";
export type {
  ClientRequestInterceptor,
  Interceptor,
  IORInterceptor,
  ORBInitializer,
  ORBInitInfo,
  ServerRequestInterceptor,
} from "./interceptor.ts";
export { AdapterTemplate, IORInfo } from "./ior-info.ts";
export type { PolicyFactory } from "./policies.ts";
export { portable } from "./portable.ts";
export { PROCESSING_MODE_POLICY_TYPE, ProcessingModePolicy } from "./processing-mode.ts";
export { ServerRequestInfo } from "./server-info.ts";
export { PICurrent } from "./slots.ts";
export {
  CLIENT_POINTS,
  CLIENT_VALIDITY,
  type ClientPoint,
  SERVER_POINTS,
  SERVER_VALIDITY,
  type ServerPoint,
} from "./validity.ts";
