import type { ChannelOptions } from "./port.ts";

/** Options of sockets that Node has no calls for; `loadNative()?.sockets` of `orbweaver/native` has them. */
export interface SocketOptions {
  /** Of an open `net.Socket`; undefined where it has none any more. */
  descriptorOf(socket: object): number | undefined;
  /**
   * @param option `resetOnClose`: closing the socket resets its connection, and so does the end of the process
   * @param value octets; switches are 0 and 1
   * @throws when the system refuses
   */
  set(descriptor: number, option: "resetOnClose" | keyof ChannelOptions, value: number): void;
  /** Another descriptor of the same socket, with that number or a higher one. @throws when the system refuses */
  duplicate(descriptor: number, atLeast: number): number;
  closeDescriptor(descriptor: number): void;
}

/** Above the descriptors of connections, where the process may have so many. */
const HIGH = 16_384;
const LEAST_HIGH = 512;

/**
 * Has a listening socket be the first that is closed when the process is killed. Linux closes descriptors from the highest
 * down: without this a client whose connection was reset is taken in once more by the socket that still listens, and loses
 * its next request, too. What is returned is to be called before the socket is closed.
 */
export function holderBy(sockets: SocketOptions): (server: object) => () => void {
  return (server) => {
    const descriptor = sockets.descriptorOf(server);
    for (let high = HIGH; descriptor !== undefined && high >= LEAST_HIGH; high /= 2) {
      try {
        const copy = sockets.duplicate(descriptor, high);
        return () => sockets.closeDescriptor(copy);
      } catch {
        // The process may not have so many.
      }
    }
    return () => undefined;
  };
}

/** Sets whether a socket is reset when it is closed. */
export function resetterBy(sockets: SocketOptions): (socket: object, resets: boolean) => void {
  return (socket, resets) => {
    const descriptor = sockets.descriptorOf(socket);
    if (descriptor !== undefined) sockets.set(descriptor, "resetOnClose", resets ? 1 : 0);
  };
}

/** Sets what a connection is asked to be set to. */
export function optionsBy(
  sockets: SocketOptions,
): (socket: object, option: keyof ChannelOptions, value: number) => void {
  return (socket, option, value) => {
    const descriptor = sockets.descriptorOf(socket);
    if (descriptor !== undefined) sockets.set(descriptor, option, value);
  };
}
