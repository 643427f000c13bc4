import { unlink } from "node:fs/promises";
import { connect } from "node:net";

/** Octets a socket's path may have, the NUL behind it not counted: what `sockaddr_un` has room for. */
export const MAX_PATH_OCTETS: number = 107;

/** Whether a server answers at the path. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/**
 * Takes away the socket file of a server that did not end in good order.
 * @returns whether the path is free now
 */
export async function clearStale(path: string): Promise<boolean> {
  if (await isServed(path)) return false;
  try {
    await unlink(path);
    return true;
  } catch {
    return false;
  }
}
