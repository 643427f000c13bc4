/**
 * What the ORB asks of a transport: octets both ways, nothing of GIOP.
 * Every channel has one owner, which closes it.
 */

/** Where to connect or listen. `port` 0 when listening: the system chooses. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** A UNIX-domain socket of this machine: host and port mean nothing then. */
  readonly path?: string;
}

/** `HOST:PORT`, or `unix:PATH`. */
export function placeOf({ host, port, path }: Endpoint): string {
  return path === undefined ? `${host}:${port}` : `unix:${path}`;
}

/** Whether both are the same place: as by {@link placeOf}, without making a text of either. */
export function isSamePlace(one: Endpoint, other: Endpoint): boolean {
  if (one.path !== undefined || other.path !== undefined) return one.path === other.path;
  return one.port === other.port && one.host === other.host;
}

/** Where to listen. */
export interface ListenEndpoint extends Endpoint {
  /** For `::`: leaves the machine's IPv4 addresses out, which it stands for, too, otherwise. */
  readonly ipv6Only?: boolean;
  /** Several listeners share the port, and the system spreads connections over them. */
  readonly reusePort?: boolean;
}

/** Who is at the other side of a UNIX-domain socket, as the kernel knows it. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Options of a TCP connection; one that is left out stays as it is. */
export interface ChannelOptions {
  /** Octets the system keeps of what is sent; it may round, and books more for itself. */
  readonly sendBufferOctets?: number;
  /** Octets the system keeps of what has come. */
  readonly receiveBufferOctets?: number;
  /** Whether TCP asks in silence if the peer is still there: as often as the transport was told. */
  readonly keepAlive?: boolean;
  /** Only to hosts of the networks that this machine is on itself. */
  readonly dontRoute?: boolean;
  /** Whether small pieces leave at once. */
  readonly noDelay?: boolean;
}

export interface ChannelEvents {
  /**
   * Octets in the order they were sent; the chunk is the receiver's to keep. An empty one tells of octets that
   * come later: a transport may keep the begin of a GIOP message until it has all of it.
   */
  data(chunk: Uint8Array): void;
  /**
   * Where the next octets are wanted; undefined or left out: anywhere. A channel that can puts them at
   * the start of it and passes that part to `data`, as the next chunk; others need not ask.
   */
  room?(): Uint8Array | undefined;
  /** Everything queued has been handed to the system. */
  drained(): void;
  /** Called once; nothing follows. `cause` is undefined after an orderly end. */
  closed(cause: Error | undefined): void;
}

export interface Channel {
  /** `host:port` of the other side, for messages to people. */
  readonly peer: string;
  /** Of a UNIX-domain socket's other side; left out where the transport cannot tell. */
  readonly credentials?: Credentials | undefined;
  /** Octets accepted by `send` and not yet taken by the system. */
  readonly queuedOctets: number;
  /**
   * Arrays up to this size are copied by `send`, and what one turn of the event loop sends leaves together: nobody
   * need join them before. Left out: each `send` is a write of its own.
   */
  readonly joinedOctets?: number | undefined;
  /** Names the receiver of events; to be called once, right after the channel was obtained. */
  start(events: ChannelEvents): void;
  /**
   * Queues octets, which the caller must not change before `free`. Ignored on a closed channel.
   * @param free called at most once, when the octets are no longer read; a channel that hands them on
   *   as they are never calls it
   */
  send(octets: Uint8Array, free?: () => void): void;
  /** Writes what was sent, and would leave at the end of this turn; left out where each `send` writes. */
  flush?(): void;
  /**
   * Sets options of a TCP connection; left out by channels that are none.
   * @returns those that the transport cannot set, or the system would not
   */
  configure?(options: ChannelOptions): readonly (keyof ChannelOptions)[];
  /** Stops delivering data until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /**
   * Sends what is queued, then closes so that the peer's next write fails (a TCP reset). What the peer
   * has not received by then may be lost.
   */
  reset(): void;
  /** Closes at once; what is queued is lost. */
  destroy(): void;
  /** Whether the open channel keeps the process alive. */
  ref(): void;
  unref(): void;
}

export interface Listener {
  /** The endpoint in force, with the port the system chose. */
  readonly endpoint: Endpoint;
  /** Accepts no more; channels already accepted stay. */
  close(): Promise<void>;
  ref(): void;
  unref(): void;
}

export interface Transport {
  /** @throws the system's error (with `code`), or the signal's reason when it is aborted first */
  connect(to: Endpoint, signal: AbortSignal): Promise<Channel>;
  /** @throws the system's error, with `code` (EADDRINUSE, EACCES, …) */
  listen(at: ListenEndpoint, accept: (channel: Channel) => void): Promise<Listener>;
}
