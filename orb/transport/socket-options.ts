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
