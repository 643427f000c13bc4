import {
  BAD_CONTEXT,
  MINOR,
  NO_RESPONSE,
  type SystemException,
  TRANSIENT,
} from "../../orb/index.ts";
import type { MemberId, Refusal } from "../group/index.ts";

const WHY: Readonly<Record<Refusal, string>> = {
  joining: "is not yet in its group",
  fenced: "is no longer in the group's view",
  left: "has left its group",
  "no majority": "cannot reach a majority of its view",
  full: "has as many requests waiting as it may",
  retention:
    "keeps as many replies for repetitions as it may: requests of a shorter requestDurationMs expire sooner",
  expired: "got the request after the instant its client set",
  forgotten: "has executed the request and no longer keeps its reply",
  answered: "got the request after its client had said that it needs no answer",
};

/** What a client is told when the group does not take its request. */
export function exceptionFor(why: Refusal, maybe: boolean, self: MemberId): SystemException {
  const message = `replica ${self} ${WHY[why]}`;
  const completed = maybe ? "COMPLETED_MAYBE" : "COMPLETED_NO";
  if (why === "expired" || why === "answered")
    return new BAD_CONTEXT(message, MINOR.groupRequestExpired, completed);
  if (why === "forgotten")
    return new NO_RESPONSE(message, MINOR.groupReplyForgotten, "COMPLETED_YES");
  return new TRANSIENT(message, MINORS[why], completed);
}

const MINORS: Readonly<Record<Exclude<Refusal, "expired" | "forgotten" | "answered">, number>> = {
  joining: MINOR.groupNotMember,
  fenced: MINOR.groupNotMember,
  left: MINOR.groupNotMember,
  "no majority": MINOR.groupNoMajority,
  full: MINOR.groupQueueFull,
  retention: MINOR.groupRetentionFull,
};
