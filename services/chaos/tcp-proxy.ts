import { connect, createServer, type Server, type Socket } from "node:net";

/** What happens to what goes through. */
export type LinkMode =
  | "pass"
  /** New connections are refused by hanging up, old ones go on. */
  | "refuse"
  /** Nothing goes through, and nobody is told: octets are kept until it passes again. */
  | "hold";

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Octets on their way to one side, of one connection; beyond them the other side is not read. */
const MOST_UNDER_WAY = 1_048_576;

/** Stands before a TCP port: delays, holds and cuts what goes through. */
export class TcpProxy implements AsyncDisposable {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #pairs: Set<Pair> = new Set();
  #mode: LinkMode = "pass";
  /** Milliseconds that everything takes longer, each way. */
  delayMs = 0;

  private constructor(host: string, port: number) {
    this.#target = { host, port };
    this.#server = createServer((near) => this.#accept(near));
  }

  /**
   * Listens at `port`, 0 for a free one, and passes on to `targetPort`, of the same host where no other is named.
   * @throws the system's error when the port cannot be had
   */
  static async open(
    host: string,
    port: number,
    targetPort: number,
    targetHost: string = host,
  ): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetHost, targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject).listen(port, host, resolve);
    });
    return proxy;
  }

  /** Where it listens. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get connectionCount(): number {
    return this.#pairs.size;
  }

  get mode(): LinkMode {
    return this.#mode;
  }

  set mode(mode: LinkMode) {
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
      reset(near);
      reset(far);
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
    // The server may be the one that speaks first.
    if (this.#mode === "hold") for (const socket of [near, far]) socket.pause();
  }

  #pipe(from: Socket, to: Socket, pair: Pair): void {
    let underWay = 0;
    // In the order in which it came, whatever the delay is by then: what comes later must not overtake it.
    let last: Promise<unknown> = Promise.resolve();
    let lateCount = 0;
    const pass = (octets: Buffer): void => {
      to.write(octets, () => {
        underWay -= octets.length;
        if (underWay < MOST_UNDER_WAY && this.#mode !== "hold") from.resume();
      });
    };
    const inTurn = (act: () => void): void => {
      if (this.delayMs === 0 && lateCount === 0) return act();
      lateCount++;
      const due = new Promise((resolve) => setTimeout(resolve, this.delayMs));
      last = Promise.all([last, due]).then(() => {
        lateCount--;
        act();
      });
    };
    from.on("data", (octets) => {
      underWay += octets.length;
      if (underWay >= MOST_UNDER_WAY) from.pause();
      inTurn(() => pass(octets));
    });
    from.on("error", () => undefined);
    from.on("close", (isFailed) => {
      this.#pairs.delete(pair);
      if (isFailed) reset(to);
      else inTurn(() => to.end());
    });
  }
}

/** Node cannot reset a socket whose end is on its way: it would never close. */
function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
