import type { ServiceContext } from "../giop/index.ts";
import type { Ior, ObjectGroup } from "../ior/index.ts";
import type { Policy } from "../policy/index.ts";
import type { Endpoint } from "../transport/index.ts";

/** One address at which an object may be called. */
export interface CallAddress extends Endpoint {
  /** `HOST:PORT` or `unix:PATH`. */
  readonly place: string;
  /** The reference it is of, and which of its profiles. */
  readonly ior: Ior;
  readonly profileIndex: number;
  readonly objectKey: Uint8Array;
  /** The group that the object is a member of. */
  readonly group: ObjectGroup | undefined;
  /** Calls to one endpoint with one tag share a connection; `""` where nobody asked for another. */
  readonly tag: string;
  /**
   * The same object at another endpoint of its server, over a connection with another tag, or both; asked again for the
   * same it gives the same address. Tags are few: each is a connection.
   */
  with(change: { readonly endpoint?: Endpoint; readonly tag?: string }): CallAddress;
}

/** A call whose way is to be chosen. */
export interface ChoosingCall {
  readonly operation: string;
  readonly isOneway: boolean;
  readonly ior: Ior;
  /** Where the reference was forwarded to, while that holds; else `ior`. */
  readonly currentIor: Ior;
  /** One and the same for all calls through one reference, to remember something by. */
  readonly reference: object;
  /** The policy in force for the call; undefined where none of the type is set. */
  policy(type: number): Policy | undefined;
  /** What the client says of the type at some level, and nobody else; undefined for nothing. */
  override(type: number): Policy | undefined;
  /** Those of another reference, in their usual order. @throws INV_OBJREF for one that cannot be read */
  addressesOf(ior: Ior): readonly CallAddress[];
}

/** The way of one call. What its methods throw is what the call raises. */
export interface CallChoice {
  /** To be sent with the request, wherever it goes; none where absent. */
  readonly contexts?: readonly ServiceContext[];
  /**
   * Asked when the call begins, after each forward, and when a forward is given up. The call tries the first of the
   * addresses it returns, and the others when those before them fail; none makes it fail with TRANSIENT.
   * @param addresses those of the reference, or where it was forwarded to: the one that served last before the others, and
   *   behind them where a request was lost since; else a group's primary before its other members, profiles in their order,
   *   alternate addresses behind their profile's own
   */
  order(addresses: readonly CallAddress[]): readonly CallAddress[];
  /**
   * Nobody is reached at the address; or it did not execute the request, or nobody knows whether it did.
   * @param rest what is left of `order`
   * @returns what the call tries now. It is not looked at where `error` is a TIMEOUT or COMPLETED_MAYBE: the call ends then,
   *   or `order` is asked anew where it is one to a group
   */
  failed?(at: CallAddress, error: Error, rest: readonly CallAddress[]): readonly CallAddress[];
  /** The object there answered; or a oneway request was sent. */
  served?(at: CallAddress): void;
}

/**
 * Decides to which address of a reference each call goes, and over which connection. Without one, a call
 * takes the addresses as {@link CallChoice.order} is given them.
 */
export interface EndpointChoice {
  /** Called where the program makes the call, in its async context; undefined leaves the call alone. */
  begin(call: ChoosingCall): CallChoice | undefined;
}

/** Several ways to choose, each given what the one before it left. */
class Chain implements CallChoice {
  readonly #links: readonly CallChoice[];

  readonly contexts: readonly ServiceContext[];

  constructor(links: readonly CallChoice[]) {
    this.#links = links;
    this.contexts = links.flatMap((link) => link.contexts ?? []);
  }

  order(addresses: readonly CallAddress[]): readonly CallAddress[] {
    return this.#links.reduce((left, link) => link.order(left), addresses);
  }

  failed(at: CallAddress, error: Error, rest: readonly CallAddress[]): readonly CallAddress[] {
    return this.#links.reduce((left, link) => link.failed?.(at, error, left) ?? left, rest);
  }

  served(at: CallAddress): void {
    for (const link of this.#links) link.served?.(at);
  }
}

/** One choice out of several: each is given the addresses that the one before it left. undefined for none. */
export function chainChoices(choices: readonly EndpointChoice[]): EndpointChoice | undefined {
  if (choices.length < 2) return choices[0];
  return {
    begin: (call) => {
      const links = choices
        .map((choice) => choice.begin(call))
        .filter((link) => link !== undefined);
      return links.length < 2 ? links[0] : new Chain(links);
    },
  };
}
