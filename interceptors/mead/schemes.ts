import type { Endpoint, ObjectReference } from "../../orb/index.ts";
import type { Replica } from "./gen/Mead.ts";

/** Where objects are, as somebody knows it: addresses, or a reference that names them. */
export type Whereabouts = readonly Replica[] | ObjectReference | null;

/** A server that is gone, or will be: as references name it, and where calls to it went last. */
export interface LostServer extends Endpoint {
  /** `host:port` of the references. */
  readonly place: string;
  readonly at: Endpoint;
}

/**
 * How a client goes on when its server is gone. A client has several, the strongest first: each is asked when those before
 * it named no place that answers.
 */
export interface FailOverScheme {
  /** For messages to people. */
  readonly name: string;
  /**
   * Where the objects of a server are now that it is gone, in the order in which they are tried. Calls wait meanwhile.
   * Clients that prepare ask in advance.
   * @param signal aborted when calls wait no longer
   */
  replicas(lost: LostServer, signal: AbortSignal): Whereabouts | Promise<Whereabouts>;
  /**
   * Whether calls that the loss would end are made again where the scheme leads, instead of raising: those of which nobody
   * knows whether they were executed, too, where this says so of their operation. Absent: they raise.
   */
  readonly repeats?: ((operation: string) => boolean) | undefined;
}

/** What servers tell with their replies: to go now, or where to go when they are gone. Needs no question, and no other scheme. */
export class Messages implements FailOverScheme {
  readonly name = "message";
  readonly #known: Map<string, readonly Replica[]> = new Map();

  /** @param place as references name the server */
  learn(place: string, replicas: readonly Replica[]): void {
    this.#known.set(place, replicas);
  }

  knownAt(place: string): readonly Replica[] {
    return this.#known.get(place) ?? [];
  }

  replicas({ place }: LostServer): readonly Replica[] {
    return this.knownAt(place);
  }
}

export interface AddressingOptions {
  /**
   * Operations that may be executed twice, by their names: their calls are made again even where nobody knows whether they
   * were executed. None by default: those end in COMM_FAILURE, COMPLETED_MAYBE.
   */
  readonly repeats?: (operation: string) => boolean;
}

/**
 * MEAD's NEEDS_ADDRESSING_MODE: the loss is kept from the program while the client asks where its object is, and sends the
 * request there. What was never sent is always sent again, what may have been executed only where `repeats` says so.
 */
export function addressing(
  ask: FailOverScheme["replicas"],
  { repeats = () => false }: AddressingOptions = {},
): FailOverScheme {
  return { name: "addressing", replicas: ask, repeats };
}

/** Reactive, with a cache: the call raises, the next one goes to the next of these. */
export function cached(replicas: readonly Replica[]): FailOverScheme {
  return { name: "cached", replicas: () => replicas };
}

/** Reactive, without a cache: the call raises, the next one waits until somebody, a naming service, has been asked again. */
export function resolved(ask: FailOverScheme["replicas"]): FailOverScheme {
  return { name: "resolved", replicas: ask };
}

/** The addresses in what somebody knows. @throws INV_OBJREF for a reference that cannot be read */
export function addressesIn(known: Whereabouts): readonly Endpoint[] {
  if (known === null) return [];
  if (isList(known)) return known.map(({ host, port_number: port }) => ({ host, port }));
  return known._core.ownTargets.map(({ host, port, path }) =>
    path === undefined ? { host, port } : { host, port, path },
  );
}

function isList(known: readonly Replica[] | ObjectReference): known is readonly Replica[] {
  return Array.isArray(known);
}
