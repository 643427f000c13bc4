import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Logger } from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import { parsePlace, plainHost } from "./address.ts";
import type { MulticastOptions } from "./options.ts";

/** Of the block for organisations (RFC 2365). */
const GROUP = "239.192.73.51";
const PORT = 7351;
/** No router passes it on. */
const TTL = 1;
const LARGEST_OCTETS = 512;
/** `orbweaver-p3 1 ask ID ADDRESS`, answered by `orbweaver-p3 1 here ID ADDRESS`. */
const FORM = /^orbweaver-p3 1 (ask|here) ([\w-]{1,64}) (\S{1,128})$/;

export interface MulticastParts {
  readonly self: PeerRef;
  readonly options: MulticastOptions;
  /** Whether a peer must be at the address that it speaks from. */
  readonly checksHosts: boolean;
  readonly log: Logger;
  /** A peer of the local network has said where it is. */
  readonly met: (peer: PeerRef) => void;
}

/** Asks the peers of the local network who they are, and answers them. */
export class Multicast implements AsyncDisposable {
  readonly #parts: MulticastParts;
  readonly #socket: Socket;
  readonly #group: string;
  readonly #port: number;

  private constructor(parts: MulticastParts) {
    this.#parts = parts;
    this.#group = parts.options.group ?? GROUP;
    this.#port = parts.options.port ?? PORT;
    this.#socket = createSocket({ type: "udp4", reuseAddr: true });
  }

  /** @throws Error when the port or the group cannot be had */
  static async open(parts: MulticastParts): Promise<Multicast> {
    const multicast = new Multicast(parts);
    try {
      await multicast.#bind();
    } catch (cause) {
      await multicast[Symbol.asyncDispose]();
      const { message } = cause as Error;
      const text = `multicast ${multicast.#group}:${multicast.#port} cannot be had: ${message}`;
      throw new Error(text, { cause });
    }
    return multicast;
  }

  ask(): void {
    this.#send("ask", this.#port, this.#group);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  async #bind(): Promise<void> {
    const socket = this.#socket;
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(this.#port, () => {
        socket.removeListener("error", reject);
        resolve();
      });
    });
    socket.on("error", (error) => this.#parts.log.warn("multicast failed", { error }));
    const { interface: where } = this.#parts.options;
    socket.addMembership(this.#group, where);
    socket.setMulticastTTL(TTL);
    socket.setMulticastLoopback(true);
    if (where !== undefined) socket.setMulticastInterface(where);
    socket.on("message", (octets, from) => this.#take(octets, from));
    // Who only waits to be asked need not keep the process.
    socket.unref();
  }

  #send(what: "ask" | "here", port: number, host: string): void {
    const { id, address } = this.#parts.self;
    this.#socket.send(`orbweaver-p3 1 ${what} ${id} ${address}`, port, host, (error) => {
      if (error !== null) this.#parts.log.debug("a datagram was not sent", { host, error });
    });
  }

  #take(octets: Buffer, from: RemoteInfo): void {
    if (octets.length > LARGEST_OCTETS) return;
    const [, what, id, address] = FORM.exec(octets.toString("latin1")) ?? [];
    const { self, checksHosts, met, log } = this.#parts;
    if (what === undefined || id === undefined || address === undefined || id === self.id) return;
    const place = parsePlace(address);
    const isGenuine =
      place?.faultTolerance !== undefined &&
      (!checksHosts || plainHost(place.host) === plainHost(from.address));
    if (!isGenuine) {
      log.debug("a datagram is not what it says", { from: from.address, address });
      return;
    }
    if (what === "ask") this.#send("here", from.port, from.address);
    met({ id, address });
  }
}
