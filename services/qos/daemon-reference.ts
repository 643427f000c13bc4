/** The daemon's object key. */
export const DAEMON_KEY = "QosDaemon";
/** Where the daemon listens when nothing else is said. */
export const DEFAULT_SOCKET = "/run/orbweaver/qosd.sock";

/** The daemon that listens at a socket of this machine, for `string_to_object`. */
export function daemonAddress(socket: string): string {
  return `corbaloc:omniunix:${socket}:/${DAEMON_KEY}`;
}
