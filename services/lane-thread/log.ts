import { inspect } from "node:util";
import type { LogFields, Logger } from "../../orb/base/index.ts";
import type { LaneLogLine } from "./control.ts";
import type { Post } from "./link.ts";

/** What crosses threads; the text of what does not. */
function plain(value: unknown): unknown {
  if (value instanceof Error) {
    // A clone keeps neither the class nor its fields.
    const error = new Error(value.message);
    error.name = value.name;
    if (value.stack !== undefined) error.stack = value.stack;
    return error;
  }
  if (typeof value === "function" || typeof value === "symbol") return value.toString();
  return typeof value === "object" && value !== null ? inspect(value) : value;
}

/** A log whose lines the main thread writes. */
export function laneLogger(post: Post): Logger {
  const line =
    (log: LaneLogLine["log"]) =>
    (message: string, fields: LogFields = {}): void => {
      const crossing = Object.entries(fields).map(([key, value]) => [key, plain(value)] as const);
      const said: LaneLogLine = { log, message, fields: Object.fromEntries(crossing) };
      post.postMessage(said);
    };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
