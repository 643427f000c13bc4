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
