import { decapsulate, encapsulate } from "../cdr/index.ts";
import { findServiceContext, SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import type { PriorityBand } from "../policy/index.ts";

const OCTETS_OF_PRIORITY = 4;

/** RTCorbaPriority: at which priority the client wants to be served. */
export function priorityContext(priority: number): ServiceContext {
  return { id: SERVICE_ID.rtCorbaPriority, data: encapsulate((out) => out.short(priority)) };
}

/** The priority that a request asks for; undefined where it says none. @throws MARSHAL when octets are missing */
export function priorityIn(contexts: readonly ServiceContext[]): number | undefined {
  if (contexts.length === 0) return undefined;
  const context = findServiceContext(contexts, SERVICE_ID.rtCorbaPriority);
  if (context === undefined) return undefined;
  const { data } = context;
  if (data.length < OCTETS_OF_PRIORITY) return decapsulate(data, (input) => input.short());
  // Every request of a lane comes by here: an octet of byte order, one of padding, the short.
  const [order = 0, , first = 0, second = 0] = data;
  const octets = (order & 1) === 1 ? (second << 8) | first : (first << 8) | second;
  return (octets << 16) >> 16;
}

/** RTCorbaPriorityRange: for which priorities a connection is. */
export function bandContext({ low, high }: PriorityBand): ServiceContext {
  const data = encapsulate((out) => out.short(low).short(high));
  return { id: SERVICE_ID.rtCorbaPriorityRange, data };
}

/** The priorities that a `_bind_priority_band` is for; undefined where it does not say. @throws MARSHAL */
export function bandIn(contexts: readonly ServiceContext[]): PriorityBand | undefined {
  const context = findServiceContext(contexts, SERVICE_ID.rtCorbaPriorityRange);
  if (context === undefined) return undefined;
  return decapsulate(context.data, (input) => {
    const low = input.short();
    return { low, high: input.short() };
  });
}

/** The operation by which a client says what a connection is for (RT-CORBA 1.2, 5.13). */
export const BIND_BAND = "_bind_priority_band";
