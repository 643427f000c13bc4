import type { Deadline } from "../../orb/base/index.ts";
import type {
  Arrival,
  DispatchGate,
  LaneAdapter,
  Outcome,
  ServiceContext,
  Upcall,
} from "../../orb/index.ts";
import type { LaneDesk } from "./desk.ts";

/** IOP::RTCorbaPriority. */
const RT_CORBA_PRIORITY = 10;
const OCTETS_OF_PRIORITY = 4;

/** The priority a request asks for: an encapsulated short. */
export function priorityIn(contexts: readonly ServiceContext[]): number | undefined {
  for (const { id, data } of contexts) {
    if (id !== RT_CORBA_PRIORITY || data.length < OCTETS_OF_PRIORITY) continue;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    return view.getInt16(2, data[0] === 1);
  }
  return undefined;
}

/** Whether requests choose their lane by the priority they bring. */
function isPropagated({ policies }: LaneAdapter): boolean {
  const model = policies["priorityModel"] as { readonly model?: unknown } | undefined;
  return model?.model === "CLIENT_PROPAGATED";
}

/** The gate of an adapter in a lane: what this thread serves goes through untouched, the rest to the desk. */
export class LaneGate implements DispatchGate {
  readonly #desk: LaneDesk;
  readonly #path: readonly string[];
  readonly #isPropagated: boolean;

  constructor(desk: LaneDesk, adapter: LaneAdapter) {
    this.#desk = desk;
    this.#path = adapter.path;
    this.#isPropagated = isPropagated(adapter);
  }

  attach(upcall: Upcall): void {
    this.#desk.adapterMade(this.#path, upcall);
  }

  pass(contexts: readonly ServiceContext[]): (() => void) | undefined {
    return this.#desk.pass(this.#isPropagated ? priorityIn(contexts) : undefined);
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    return this.#desk.admit(arrival, deadline, this.#isPropagated ? arrival.priority : undefined);
  }
}
