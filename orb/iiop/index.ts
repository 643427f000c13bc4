export { Answers } from "./answers.ts";
export {
  type Breakage,
  ClientConnection,
  type ConnectionOwner,
  lostCall,
  type OutgoingCall,
  type PendingCall,
} from "./client-connection.ts";
export {
  type BidirectionalPort,
  type IiopEnvironment,
  type Lender,
  oneWay,
  type OtherHalf,
} from "./environment.ts";
export { IdleScan } from "./idle-scan.ts";
export { OutputPool } from "./output-pool.ts";
export { Outbox } from "./outbox.ts";
export { RequestTable } from "./request-table.ts";
export type { OnCancel, Route } from "./route.ts";
export { IiopServer } from "./server.ts";
export { ServerConnection } from "./server-connection.ts";
export {
  ENTRANCE,
  type Question,
  type RequestHandler,
  type ServerRequest,
  type Waiting,
  type Whereabouts,
} from "./server-request.ts";
export { type ConnectionSettings, DEFAULT_SETTINGS } from "./settings.ts";
