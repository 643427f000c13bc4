/** Limits of connections, in force for one ORB. */
export interface ConnectionSettings {
  /** Octets of one GIOP message, header excluded. */
  readonly maxMessageOctets: number;
  /** Octets of a message sent before it is split into fragments; 0 never splits. */
  readonly fragmentOctets: number;
  /** Milliseconds one connect to one address may take. */
  readonly connectTimeoutMs: number;
  /** Calls waiting for a reply on one connection. */
  readonly maxPendingCalls: number;
  /** Octets queued on one connection, or held by its requests in work, before calls are refused; a server stops reading while its replies are not taken. */
  readonly maxQueuedOctets: number;
  /** Requests of one connection in work at once; more are refused with TRANSIENT. */
  readonly maxRequestsInWork: number;
  /** Connections accepted at once; one more is closed before anything of it is read. */
  readonly maxConnections: number;
  /** Milliseconds without a message after which a connection is closed: one that was accepted, one that was opened. 0: never. */
  readonly acceptedIdleMs: number;
  readonly openedIdleMs: number;
  /** Milliseconds a peer is given to close its side after an orderly end. */
  readonly closeTimeoutMs: number;
}

export const DEFAULT_SETTINGS: ConnectionSettings = {
  maxMessageOctets: 64 * 1024 * 1024,
  fragmentOctets: 0,
  connectTimeoutMs: 5_000,
  maxPendingCalls: 65_536,
  maxQueuedOctets: 256 * 1024 * 1024,
  maxRequestsInWork: 65_536,
  maxConnections: 10_000,
  acceptedIdleMs: 0,
  openedIdleMs: 120_000,
  closeTimeoutMs: 2_000,
};
