export { newWebSocketTransport, type WebSocketOptions } from "./transport.ts";
