// The raw baseline's client: `node:net` and nothing else, one write per frame.
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { clientArguments, obey, payload } from "./client-loop.ts";
import type { Load } from "./client-loop.ts";
import { frameOf, FrameReader } from "./frames.ts";

/** One connection with some frames under way; replies come in the order of the requests. */
class RawCaller {
  readonly #socket: Socket;
  readonly #frame: Buffer;
  readonly #sentMs: number[] = [];
  #onReply: ((reply: Buffer) => void) | undefined;

  constructor(socket: Socket, frame: Buffer) {
    this.#socket = socket;
    this.#frame = frame;
    const reader = new FrameReader();
    socket.on("data", (chunk: Buffer) => reader.consume(chunk, (reply) => this.#onReply?.(reply)));
  }

  /** Keeps `outstanding` frames under way until the instant, then waits for the last replies. */
  run(outstanding: number, untilMs: number, record: (tookMs: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once("close", () => reject(new Error("the server closed the connection")));
      this.#onReply = (reply) => {
        if (reply.length !== this.#frame.length) reject(new Error("a reply of another length"));
        const nowMs = performance.now();
        record(nowMs - (this.#sentMs.shift() ?? nowMs));
        if (nowMs < untilMs) this.#send();
        else if (this.#sentMs.length === 0) {
          this.#socket.removeAllListeners("close");
          resolve();
        }
      };
      for (let n = 0; n < outstanding; n++) this.#send();
    });
  }

  /** Makes one call and compares every octet. */
  async check(): Promise<void> {
    const reply = await new Promise<Buffer>((resolve) => {
      this.#onReply = resolve;
      this.#send();
    });
    this.#sentMs.length = 0;
    if (!reply.equals(this.#frame)) throw new Error("the echo differs from what was sent");
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(): void {
    this.#sentMs.push(performance.now());
    this.#socket.write(this.#frame);
  }
}

async function open(): Promise<Load> {
  const { address, connections, outstanding, octets } = clientArguments(process.argv.slice(2));
  const [host = "", port] = address.split(":");
  const callers = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host, port: Number(port), noDelay: true });
      await once(socket, "connect");
      return new RawCaller(socket, frameOf(payload(octets)));
    }),
  );
  for (const caller of callers) await caller.check();
  return {
    run: async (untilMs, record) => {
      await Promise.all(callers.map((caller) => caller.run(outstanding, untilMs, record)));
    },
    close: async () => callers.forEach((caller) => caller.close()),
  };
}

await obey(await open());
