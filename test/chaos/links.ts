import { connect, createServer, type Server, type Socket } from "node:net";

const HOST = "127.0.0.1";
/** A connection of groups names its sender in the first message: `HOST:PORT` as it is published. */
const SENDER = /127\.0\.0\.1:(\d{1,5})/;

interface Pair {
  /** Published port of the side that it leads to, and of the one that it comes from as soon as that has said so. */
  readonly to: number;
  from: number | undefined;
  readonly near: Socket;
  readonly far: Socket;
}

/** Stands before the hosts of groups, and cuts one off from all others: what is sent is kept until it is back. */
export class Links implements AsyncDisposable {
  readonly #servers: Server[] = [];
  readonly #pairs: Set<Pair> = new Set();
  readonly #cut: Set<number> = new Set();

  /** Leads `published` to `target`. */
  async open(published: number, target: number): Promise<void> {
    const server = createServer((near) => this.#accept(near, published, target));
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(published, HOST, resolve);
    });
  }

  cut(published: number): void {
    this.#cut.add(published);
    for (const pair of this.#pairs) this.#apply(pair);
  }

  heal(published: number): void {
    this.#cut.delete(published);
    for (const pair of this.#pairs) this.#apply(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  #accept(near: Socket, to: number, target: number): void {
    const far = connect(target, HOST);
    const pair: Pair = { to, from: undefined, near, far };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", end).once("close", end);
    }
    near.on("data", (data: Buffer) => {
      if (pair.from === undefined) {
        const port = SENDER.exec(data.toString("latin1"))?.[1];
        if (port !== undefined) pair.from = Number(port);
        this.#apply(pair);
      }
      far.write(data);
    });
    far.on("data", (data: Buffer) => near.write(data));
    this.#apply(pair);
  }

  #apply({ from, to, near, far }: Pair): void {
    const isCut = this.#cut.has(to) || (from !== undefined && this.#cut.has(from));
    for (const socket of [near, far]) {
      if (isCut) socket.pause();
      else socket.resume();
    }
  }
}

/** Ports that nobody listens on now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject).listen(0, HOST, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  return ports;
}
