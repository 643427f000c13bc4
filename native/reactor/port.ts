/** What `orb/transport/port.ts` asks of a transport, by shape: the two folders do not know each other. */

export interface Place {
  readonly host: string;
  readonly port: number;
  /** A UNIX-domain socket of this machine: host and port mean nothing then. */
  readonly path?: string;
}

export interface ListenPlace extends Place {
  readonly ipv6Only?: boolean;
  /** Several listeners, of several threads too, share the port: the system spreads connections over them. */
  readonly reusePort?: boolean;
}

/** Options of a TCP connection. */
export interface ChannelOptions {
  readonly sendBufferOctets?: number;
  readonly receiveBufferOctets?: number;
  readonly keepAlive?: boolean;
  readonly dontRoute?: boolean;
  readonly noDelay?: boolean;
}

/** Sets an option of a socket. @throws NativeError when the system refuses */
export type SetOption = (descriptor: number, option: keyof ChannelOptions, value: number) => void;

export interface Receiver {
  data(chunk: Uint8Array): void;
  room?(): Uint8Array | undefined;
  drained(): void;
  closed(cause: Error | undefined): void;
}

/** Who is at the other side of a UNIX-domain socket, as the kernel knows it. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface NativeListener {
  readonly endpoint: Place;
  close(): Promise<void>;
  ref(): void;
  unref(): void;
}

export interface ReactorOptions {
  /** Milliseconds without traffic after which the system asks whether the peer is still there; 0 never does. */
  readonly keepAliveMs?: number;
  /** Milliseconds that sent octets may stay unacknowledged, or a connect unanswered, until ETIMEDOUT; 0: the system's. */
  readonly userTimeoutMs?: number;
  /** Microseconds to look for octets before sleeping: for a thread that has a core to itself. */
  readonly spinUs?: number;
  /** Octets of messages that are handed over whole; larger ones come in pieces. At most 16,384. */
  readonly wholeOctets?: number;
  /** Accepted connections are reset when the process is killed, so that clients notice while they are idle. */
  readonly resetOnCrash?: boolean;
}
