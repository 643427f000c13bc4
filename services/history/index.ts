export {
  append,
  clockOf,
  cutAfter,
  dropUpTo,
  entryAt,
  lastOf,
  type Log,
  newLog,
  restart,
  slice,
} from "./log.ts";
export {
  countAt,
  dropExpired,
  findReply,
  keepReply,
  listReplies,
  newReplies,
  type Replies,
  type Reply,
  takeReplies,
} from "./replies.ts";
export {
  type Done,
  type Entry,
  type Named,
  octetsOf,
  type Request,
  requestsOf,
  type Work,
} from "./request.ts";
