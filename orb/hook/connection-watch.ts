import type { ServiceContext } from "../giop/index.ts";
import type { ChannelOptions, Endpoint } from "../transport/index.ts";

/** A connection that this ORB opened. */
export interface WatchedConnection {
  /** Where references say that it leads, and with which tag it was asked for. */
  readonly route: Endpoint & { readonly place: string; readonly tag: string };
  /** Where it leads: another place when its address was redirected. */
  readonly at: Endpoint;
  /** `host:port` as the transport has it. */
  readonly peer: string;
  /** Calls that wait for replies. */
  readonly pendingCount: number;
  /**
   * Sets options of the connection.
   * @returns those that the transport cannot set, or the system would not
   */
  configure?(options: ChannelOptions): readonly (keyof ChannelOptions)[];
  /** Takes calls. One that is not, but still there, only waits for replies. */
  readonly isOpen: boolean;
}

/** Why a connection is no more. */
export type ConnectionEnd =
  /** The peer closed in good order: what it has not answered it has not executed. */
  | { readonly kind: "closed" }
  /** Lost, or given up after a breach of the protocol: nobody knows what was executed. */
  | { readonly kind: "lost"; readonly why: string; readonly cause: unknown }
  /** This ORB closed it: idle, redirected, or at its end. */
  | { readonly kind: "left"; readonly why: string };

/** How long a redirection may take. */
export interface RedirectOptions {
  /** Milliseconds for the new connection and for the replies that are waited for; the ORB's connectTimeoutMs where absent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Of an object that has to be there before `redirect` sends calls; where absent, it is enough that somebody answers. */
  readonly objectKey?: Uint8Array | undefined;
}

/**
 * Where else calls may go: asked for the next place while nobody answers at those before; undefined when there is no other.
 * What it waits for is waited for no longer when the signal is aborted.
 */
export type NextPlace = (
  signal: AbortSignal,
) => Endpoint | undefined | Promise<Endpoint | undefined>;

/** The connections that an ORB opened. Those that clients opened, and over which it calls back, are none of them. */
export interface OpenConnections {
  list(): readonly WatchedConnection[];
  /** Whether it only waits for the moment in which calls go over it. */
  isReserved(connection: WatchedConnection): boolean;
  /**
   * Moves the calls to one address of a server to another, where objects have the same keys. Nothing is sent twice:
   * the new connection is opened first, unless one is reserved, and the server there has to answer; then calls are held until
   * every reply that is outstanding at the old address has come, and go on over the new connection. Until that, and where it
   * fails, the old one serves. Later connections to the address lead to the other one, too, until that refuses one: then
   * the address means itself again. To the address itself it is led back. A search ends one whose server has not answered yet.
   * @param from as references name it
   * @throws TRANSIENT when nobody is reached there, or answers, or has the object; TIMEOUT when replies are still
   *   outstanding, BAD_INV_ORDER when the address is being moved already
   */
  redirect(from: Endpoint, to: Endpoint, options?: RedirectOptions): Promise<void>;
  /**
   * Opens a connection in advance, for the moment in which the calls to an address go to another one: `redirect` and `seek` find it
   * there and need not wait. One for each address; a later one takes its place. It leads to the first of several places whose
   * server says that it is there, and nothing else is said on it before.
   * @returns where it leads
   * @throws TRANSIENT when nobody is reached or answers, BAD_INV_ORDER when there is no connection to the address that it
   *   could follow, or what `next` throws
   */
  reserve(from: Endpoint, next: NextPlace, options?: RedirectOptions): Promise<Endpoint>;
  /**
   * Goes over the connection that was reserved, and whose server has answered then, at once and without a question. Who
   * looks on hears of it in a moment, so that what is called next does not wait for that. Also for an address whose connection
   * was lost, from when `broken` tells that.
   * @returns false, and nothing is done, where none is reserved to that place or its answer is awaited, a reply is outstanding
   *   at the old address, or the address is being moved
   */
  swap(from: Pick<WatchedConnection["route"], "place">, to: Endpoint): boolean;
  /**
   * Moves the calls to one address of a server, as `redirect` does, to the first of several places that is reached. Calls are
   * held from now on, those included that have no connection yet: for a server that is gone, or answers no more. Where
   * nobody is reached, they go to the address itself.
   * @returns where calls go now
   * @throws TRANSIENT when nobody is reached, or what `next` throws; else as `redirect`
   */
  seek(from: Endpoint, next: NextPlace, options?: RedirectOptions): Promise<Endpoint>;
}

/** Looks at the connections that an ORB opens. What its methods throw is logged, and means nothing else. */
export interface ConnectionWatch {
  /** Called once, when the ORB is made; what this one throws ends it. */
  attach?(connections: OpenConnections): void;
  opened?(connection: WatchedConnection): void;
  /**
   * A reply has come with service contexts, views of the message: before the call that waits is told. Also over a connection
   * that is reserved, and of which this one was not told yet.
   * @param objectKey of the object that was called, where that is known
   */
  replied?(
    connection: WatchedConnection,
    contexts: readonly ServiceContext[],
    objectKey: Uint8Array | undefined,
  ): void;
  /** The last outstanding reply has come, or is waited for no more. */
  quiet?(connection: WatchedConnection): void;
  /** Before the calls that wait are told. */
  broken?(connection: WatchedConnection, end: ConnectionEnd): void;
}
