import type { IOP } from "../../idl/index.ts";
import { BAD_INV_ORDER, BAD_PARAM, Completion, MINOR } from "../../orb/index.ts";

/** A service context as the ORB has it. */
interface Plain {
  readonly id: number;
  readonly data: Uint8Array;
}

/** A copy of a service context. @throws BAD_PARAM 26 where there is none of the id */
export function contextOf(contexts: readonly Plain[], id: IOP.ServiceId): IOP.ServiceContext {
  const found = contexts.find((context) => context.id === id);
  if (found !== undefined) return { context_id: id, context_data: found.data.slice() };
  const text = `no service context ${id}`;
  throw new BAD_PARAM(text, MINOR.invalidServiceContextId, Completion.no);
}

/** @throws BAD_INV_ORDER 15 for an id that is there, unless it is to be replaced */
export function withContext(
  contexts: readonly Plain[],
  { context_id: id, context_data: data }: IOP.ServiceContext,
  replace: boolean,
): readonly Plain[] {
  const added = { id, data: data.slice() };
  if (!contexts.some((context) => context.id === id)) return [...contexts, added];
  if (replace) return contexts.map((context) => (context.id === id ? added : context));
  const text = `service context ${id} is there already: replace it, or use another id`;
  throw new BAD_INV_ORDER(text, MINOR.serviceContextAlreadyPresent, Completion.no);
}
