import { BAD_INV_ORDER, Completion, MINOR } from "../../orb/index.ts";

/** Points of a client request interceptor, in the order of the columns of {@link CLIENT_VALIDITY}. */
export const CLIENT_POINTS = [
  "send_request",
  "send_poll",
  "receive_reply",
  "receive_exception",
  "receive_other",
] as const;

export type ClientPoint = (typeof CLIENT_POINTS)[number];

/** Points of a server request interceptor, in the order of the columns of {@link SERVER_VALIDITY}. */
export const SERVER_POINTS = [
  "receive_request_service_contexts",
  "receive_request",
  "send_reply",
  "send_exception",
  "send_other",
] as const;

export type ServerPoint = (typeof SERVER_POINTS)[number];

/** Where ClientRequestInfo may be asked for what (CORBA 3.3 Part 1, table 16.1). */
export const CLIENT_VALIDITY = {
  request_id: "yyyyy",
  operation: "yyyyy",
  arguments: "ynynn",
  exceptions: "ynyyy",
  contexts: "ynyyy",
  operation_context: "ynyyy",
  result: "nnynn",
  response_expected: "yyyyy",
  sync_scope: "ynyyy",
  reply_status: "nnyyy",
  forward_reference: "nnnny",
  get_slot: "yyyyy",
  get_request_service_context: "ynyyy",
  get_reply_service_context: "nnyyy",
  target: "yyyyy",
  effective_target: "yyyyy",
  effective_profile: "yyyyy",
  received_exception: "nnnyn",
  received_exception_id: "nnnyn",
  get_effective_component: "ynyyy",
  get_effective_components: "ynyyy",
  get_request_policy: "ynyyy",
  add_request_service_context: "ynnnn",
} as const;

/**
 * Where ServerRequestInfo may be asked for what (CORBA 3.3 Part 1, table 16.2). The request's service contexts may be
 * asked for in `receive_request`, too, which the table forbids without a reason and other ORBs allow.
 */
export const SERVER_VALIDITY = {
  request_id: "yyyyy",
  operation: "yyyyy",
  arguments: "nyynn",
  exceptions: "nyyyy",
  contexts: "nyyyy",
  operation_context: "nyynn",
  result: "nnynn",
  response_expected: "yyyyy",
  sync_scope: "yyyyy",
  reply_status: "nnyyy",
  forward_reference: "nnnny",
  get_slot: "yyyyy",
  get_request_service_context: "yyyyy",
  get_reply_service_context: "nnyyy",
  sending_exception: "nnnyn",
  object_id: "nyyyy",
  adapter_id: "nyyyy",
  server_id: "nyyyy",
  orb_id: "nyyyy",
  adapter_name: "nyyyy",
  target_most_derived_interface: "nynnn",
  get_server_policy: "yyyyy",
  set_slot: "yyyyy",
  target_is_a: "nynnn",
  add_reply_service_context: "yyyyy",
} as const;

/** @param at index of the point that runs; below 0 when none does. @throws BAD_INV_ORDER 14 */
export function checkPoint(
  what: string,
  cells: string,
  at: number,
  points: readonly string[],
): void {
  if (cells[at] === "y") return;
  const where = points[at];
  const text =
    where === undefined
      ? `${what} is known inside interception points only`
      : `${what} is not known in ${where}`;
  throw new BAD_INV_ORDER(text, MINOR.interceptionPointForbids, Completion.no);
}
