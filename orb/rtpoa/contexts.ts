import { decapsulate, encapsulate } from "../cdr/index.ts";
import { findServiceContext, SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import type { PriorityBand } from "../policy/index.ts";

/** RTCorbaPriority: at which priority the client wants to be served. */
export function priorityContext(priority: number): ServiceContext {
  return { id: SERVICE_ID.rtCorbaPriority, data: encapsulate((out) => out.short(priority)) };
}

/** The priority that a request asks for; undefined where it says none. @throws MARSHAL when octets are missing */
export function priorityIn(contexts: readonly ServiceContext[]): number | undefined {
  if (contexts.length === 0) return undefined;
  const context = findServiceContext(contexts, SERVICE_ID.rtCorbaPriority);
  return context === undefined ? undefined : decapsulate(context.data, (input) => input.short());
}

/** RTCorbaPriorityRange: for which priorities a connection is. */
export function bandContext({ low, high }: PriorityBand): ServiceContext {
  const data = encapsulate((out) => out.short(low).short(high));
  return { id: SERVICE_ID.rtCorbaPriorityRange, data };
}
