import type { RawData, WebSocket } from "ws";
import type { Channel, ChannelEvents } from "orbweaver/orb";

/** Octets of one frame sent; a larger message goes out in several. */
const FRAME_OCTETS = 1 << 20;
/** Close code of RFC 6455, 7.4.1: the peer sent text. */
const UNSUPPORTED_DATA = 1003;

/** What of a TCP socket tells whether the process waits for it. */
interface Referenced {
  ref(): unknown;
  unref(): unknown;
}

function octetsOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** GIOP in the binary frames of one WebSocket; where a frame begins means nothing. */
export class WebSocketChannel implements Channel {
  readonly peer: string;
  readonly #socket: WebSocket;
  readonly #tcp: Referenced | undefined;
  /** What came before there was a receiver. */
  #early: Uint8Array[] = [];
  #events: ChannelEvents | undefined;
  #failure: Error | undefined;

  constructor(socket: WebSocket, peer: string, tcp: Referenced | undefined) {
    this.peer = peer;
    this.#socket = socket;
    this.#tcp = tcp;
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    socket.on("message", (data, isBinary) => {
      if (isBinary) this.#take(octetsOf(data));
      else socket.close(UNSUPPORTED_DATA, "GIOP is binary");
    });
  }

  get queuedOctets(): number {
    return this.#socket.bufferedAmount;
  }

  start(events: ChannelEvents): void {
    this.#events = events;
    for (const chunk of this.#early.splice(0)) events.data(chunk);
    if (this.#socket.readyState === this.#socket.CLOSED) events.closed(this.#failure);
    else this.#socket.on("close", () => events.closed(this.#failure));
  }

  send(octets: Uint8Array, free?: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    for (let at = 0; at < octets.length; at += FRAME_OCTETS) {
      const end = Math.min(octets.length, at + FRAME_OCTETS);
      const isLast = end === octets.length;
      this.#socket.send(octets.subarray(at, end), { binary: true }, () => {
        if (isLast) free?.();
        if (isLast && this.#socket.bufferedAmount === 0) this.#events?.drained();
      });
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.close();
  }

  /** The closing handshake says it to a peer that reads; there is nothing else beneath an HTTP entrance. */
  reset(): void {
    this.#socket.close();
  }

  destroy(): void {
    this.#socket.terminate();
  }

  ref(): void {
    this.#tcp?.ref();
  }

  unref(): void {
    this.#tcp?.unref();
  }

  #take(chunk: Uint8Array): void {
    if (this.#events === undefined) this.#early.push(chunk);
    else this.#events.data(chunk);
  }
}
