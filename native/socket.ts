import { constants } from "node:os";
import { NativeError } from "./error.ts";
import type { RawSocket } from "./raw.ts";
import { grant } from "./rights.ts";

/** Options of a socket, all numbers; switches are 0 and 1. */
export type SocketOption =
  /** Which queue of the network device its packets take, 0 to 6; above that CAP_NET_ADMIN is needed. */
  | "priority"
  /**
   * Differentiated services code point, 0 to 63, of IPv4 and IPv6 alike; RFC 2474. The kernel derives
   * `priority` from it, so that is set afterwards where it is to differ.
   */
  | "dscp"
  /** Microseconds that a read asks the device before it sleeps; older kernels want CAP_NET_ADMIN to raise it. */
  | "busyPollUs"
  /** Acknowledges at once. The kernel falls back by itself: to be set again after reads. */
  | "quickAck"
  /** How long sent data may stay unacknowledged before the connection is given up; 0: the system's way. */
  | "userTimeoutMs"
  /** The kernel doubles what is set for its own books, and reads that. */
  | "sendBufferOctets"
  | "receiveBufferOctets"
  /** Only to hosts of the networks this machine is on itself. */
  | "dontRoute"
  | "keepAlive"
  | "noDelay"
  /**
   * Closing resets the connection, and so does the end of the process, SIGKILL too: a client with an idle
   * connection then sees at once that it is gone. To be set back before an orderly close.
   */
  | "resetOnClose";

/** Who made the other end of a UNIX-domain connection, as the kernel saw it then. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What came over a UNIX-domain socket at once. */
export interface ReceivedDescriptors {
  /** How many octets were filled; 0: the other side has ended. */
  readonly octetCount: number;
  /** The receiver's: to close by `closeDescriptor`, or to give to a `net.Socket({ fd })`. */
  readonly descriptors: readonly number[];
}

/**
 * Sockets by their file descriptors. Every call throws NativeError when the system refuses.
 *
 * Several listeners of one port need SO_REUSEPORT, which must be set between `socket` and `bind`: it is an
 * option of the reactor's `listen`, not one of these.
 */
export interface NativeSockets {
  /** The descriptor of an open `net.Socket` or `net.Server`; undefined where it has none. */
  descriptorOf(socket: object): number | undefined;
  get(descriptor: number, option: SocketOption): number;
  set(descriptor: number, option: SocketOption, value: number): void;
  /** Of a UNIX-domain connection; of others the kernel says pid 0 and nobody's ids. */
  peerCredentials(descriptor: number): PeerCredentials;
  /**
   * Sends copies of descriptors with the octets over a UNIX-domain socket.
   * @param octets at least one
   * @returns how many octets were sent; the descriptors went with the first
   */
  sendDescriptors(descriptor: number, octets: Uint8Array, descriptors: readonly number[]): number;
  /**
   * Reads octets and the descriptors sent with them; the thread waits. Nothing else may read the socket.
   * @param octets filled from its start
   * @returns undefined when nothing came within `timeoutMs`
   * @throws NativeError EMFILE when this process may not have so many: all that came are closed, the octets read
   */
  receiveDescriptors(
    descriptor: number,
    octets: Uint8Array,
    timeoutMs: number,
  ): ReceivedDescriptors | undefined;
  /**
   * Sends one datagram to a UNIX-domain socket, without waiting: Node has no such sockets.
   * @param path of the socket; `@NAME` is one in the system's memory
   * @throws NativeError when nobody is there, or it has no room
   */
  sendDatagram(path: string, octets: Uint8Array): void;
  /**
   * Another descriptor of the same socket, the caller's to close.
   * @param atLeast the least number that it may be
   */
  duplicate(descriptor: number, atLeast: number): number;
  /** Closes a descriptor that came over a socket, or a duplicate: `fs` warns of those that it did not open. */
  closeDescriptor(descriptor: number): void;
}

/** Places in the table of `src/socket.c`. */
const PLACE = {
  domain: 0,
  priority: 1,
  tos: 2,
  trafficClass: 3,
  busyPollUs: 4,
  quickAck: 5,
  userTimeoutMs: 6,
  sendBufferOctets: 7,
  receiveBufferOctets: 8,
  dontRoute: 9,
  keepAlive: 10,
  noDelay: 11,
} as const;
/** AF_INET6 of Linux. */
const IPV6 = 10;
/** The code point lies above the two bits of congestion notification. */
const DSCP_SHIFT = 2;
const MOST_DSCP = 63;
const MOST_DESCRIPTORS = 253;
/** What `priority` an ordinary user may set. */
const MOST_ORDINARY_PRIORITY = 6;

/** The sockets' typed face. */
export function createSockets(raw: RawSocket): NativeSockets {
  function get(descriptor: number, place: number, option: string): number {
    const value = raw.getOption(descriptor, place);
    if (value < 0) throw new NativeError("getsockopt", -value, `${option} of socket ${descriptor}`);
    return value;
  }

  function set(descriptor: number, place: number, option: string, value: number): void {
    const result = raw.setOption(descriptor, place, value);
    if (result < 0) throw refusal(descriptor, option, value, -result);
  }

  const isIpv6 = (descriptor: number): boolean => get(descriptor, PLACE.domain, "domain") === IPV6;

  function dscp(descriptor: number): number {
    const place = isIpv6(descriptor) ? PLACE.trafficClass : PLACE.tos;
    return get(descriptor, place, "dscp") >> DSCP_SHIFT;
  }

  function setDscp(descriptor: number, value: number): void {
    if (!(Number.isInteger(value) && value >= 0 && value <= MOST_DSCP))
      throw new RangeError(`dscp ${value}: 0 to ${MOST_DSCP} are allowed`);
    const octet = value << DSCP_SHIFT;
    if (isIpv6(descriptor)) set(descriptor, PLACE.trafficClass, "dscp", octet);
    // An IPv6 socket may carry IPv4.
    set(descriptor, PLACE.tos, "dscp", octet);
  }

  function resetOnClose(descriptor: number): number {
    const seconds = new Int32Array(1);
    const result = raw.linger(descriptor, seconds);
    if (result < 0)
      throw new NativeError("getsockopt", -result, `resetOnClose of socket ${descriptor}`);
    return seconds[0] === 0 ? 1 : 0;
  }

  function setResetOnClose(descriptor: number, value: number): void {
    const result = raw.setLinger(descriptor, value === 0 ? -1 : 0);
    if (result < 0) throw refusal(descriptor, "resetOnClose", value, -result);
  }

  return {
    descriptorOf(socket) {
      // Neither documented nor changed since Node 0.6; there is no other way.
      const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: unknown } | null };
      const fd = handle?.fd;
      return typeof fd === "number" && fd >= 0 ? fd : undefined;
    },
    get(descriptor, option) {
      if (option === "dscp") return dscp(descriptor);
      if (option === "resetOnClose") return resetOnClose(descriptor);
      return get(descriptor, PLACE[option], option);
    },
    set(descriptor, option, value) {
      if (option === "dscp") setDscp(descriptor, value);
      else if (option === "resetOnClose") setResetOnClose(descriptor, value);
      else set(descriptor, PLACE[option], option, value);
    },
    peerCredentials(descriptor) {
      const ids = new Uint32Array(3);
      const result = raw.credentials(descriptor, ids);
      if (result < 0) throw new NativeError("getsockopt", -result, `peer of socket ${descriptor}`);
      const [pid = 0, uid = 0, gid = 0] = ids;
      return { pid, uid, gid };
    },
    sendDescriptors(descriptor, octets, descriptors) {
      const sent = raw.sendDescriptors(descriptor, octets, Int32Array.from(descriptors));
      if (sent < 0)
        throw new NativeError(
          "sendmsg",
          -sent,
          `descriptors ${descriptors.join(", ")} over socket ${descriptor}`,
        );
      return sent;
    },
    receiveDescriptors(descriptor, octets, timeoutMs) {
      const room = new Int32Array(MOST_DESCRIPTORS);
      const count = new Int32Array(1);
      const octetCount = raw.receiveDescriptors(descriptor, octets, room, count, timeoutMs);
      if (octetCount === -constants.errno.EAGAIN) return undefined;
      if (octetCount < 0)
        throw new NativeError("recvmsg", -octetCount, `descriptors over socket ${descriptor}`);
      return { octetCount, descriptors: [...room.subarray(0, count[0])] };
    },
    sendDatagram(path, octets) {
      const plain = path.startsWith("@") ? `\0${path.slice(1)}` : path;
      const result = raw.sendDatagram(Buffer.from(plain), octets);
      if (result < 0) throw new NativeError("sendto", -result, `a datagram to ${path}`);
    },
    duplicate(descriptor, atLeast) {
      const copy = raw.duplicate(descriptor, atLeast);
      if (copy < 0) throw new NativeError("fcntl", -copy, `a duplicate of socket ${descriptor}`);
      return copy;
    },
    closeDescriptor(descriptor) {
      const result = raw.close(descriptor);
      if (result < 0) throw new NativeError("close", -result, `descriptor ${descriptor}`);
    },
  };
}

function refusal(descriptor: number, option: string, value: number, errno: number): NativeError {
  const what = `${option} of socket ${descriptor} is not ${value}`;
  if (errno !== constants.errno.EPERM) return new NativeError("setsockopt", errno, what);
  const within = option === "priority" ? `; 0 to ${MOST_ORDINARY_PRIORITY} are free to all` : "";
  return new NativeError(
    "setsockopt",
    errno,
    what,
    `CAP_NET_ADMIN is missing${within}; for good: ${grant("CAP_NET_ADMIN")}`,
  );
}
