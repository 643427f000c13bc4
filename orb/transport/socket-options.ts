/** Options of sockets that Node has no calls for; `loadNative()?.sockets` of `orbweaver/native` has them. */
export interface SocketOptions {
  /** Of an open `net.Socket`; undefined where it has none any more. */
  descriptorOf(socket: object): number | undefined;
  /** @param value 1: closing the socket resets its connection, and so does the end of the process; 0: not */
  set(descriptor: number, option: "resetOnClose", value: number): void;
}

/** Sets whether a socket is reset when it is closed. */
export function resetterBy(sockets: SocketOptions): (socket: object, resets: boolean) => void {
  return (socket, resets) => {
    const descriptor = sockets.descriptorOf(socket);
    if (descriptor !== undefined) sockets.set(descriptor, "resetOnClose", resets ? 1 : 0);
  };
}
