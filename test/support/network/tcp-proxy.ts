import { connect, createServer, type Server, type Socket } from "node:net";

/** What happens to what goes through. */
export type ProxyMode =
  | "pass"
  /** New connections are refused by hanging up, old ones go on. */
  | "refuse"
  /** Nothing goes through, and nobody is told: octets are kept until it passes again. */
  | "hold";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Stands before a TCP port: delays, holds and cuts what goes through. */
export class TcpProxy implements AsyncDisposable {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #pairs: Set<Pair> = new Set();
  #mode: ProxyMode = "pass";
  /** Milliseconds that everything takes longer, each way. */
  delayMs = 0;

  private constructor(host: string, port: number) {
    this.#target = { host, port };
    this.#server = createServer((near) => this.#accept(near));
  }

  /** Listens at `port` and passes on to `targetPort` of the same host. */
  static async open(host: string, port: number, targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(host, targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject).listen(port, host, resolve);
    });
    return proxy;
  }

  get connectionCount(): number {
    return this.#pairs.size;
  }

  set mode(mode: ProxyMode) {
    this.#mode = mode;
    for (const { near, far } of this.#pairs)
      for (const socket of [near, far]) {
        if (mode === "hold") socket.pause();
        else socket.resume();
      }
  }

  /** Resets every connection. @returns how many there were */
  cut(): number {
    const count = this.#pairs.size;
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(near: Socket): void {
    if (this.#mode === "refuse") {
      near.destroy();
      return;
    }
    const far = connect({ ...this.#target, noDelay: true });
    near.setNoDelay(true);
    const pair: Pair = { near, far };
    this.#pairs.add(pair);
    this.#pipe(near, far, pair);
    this.#pipe(far, near, pair);
    if (this.#mode === "hold") near.pause();
  }

  #pipe(from: Socket, to: Socket, pair: Pair): void {
    from.on("data", (octets) => {
      if (this.delayMs === 0) to.write(octets);
      else setTimeout(() => to.write(octets), this.delayMs);
    });
    from.on("error", () => undefined);
    from.on("close", (isFailed) => {
      this.#pairs.delete(pair);
      if (isFailed) to.resetAndDestroy();
      else to.end();
    });
  }
}
