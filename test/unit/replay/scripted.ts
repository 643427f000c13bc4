import { once } from "node:events";
import { createServer, connect, type Server, type Socket } from "node:net";
import { Frames } from "../../support/frames.ts";
import { spoken, type Spoken } from "./conversation.ts";

/** A client that sends what it is told, octet for octet. */
export class ScriptedClient {
  readonly #socket: Socket;
  readonly #frames = new Frames();
  readonly #came: Buffer[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#came.push(...this.#frames.push(chunk));
      this.#wake?.();
    });
    ignoreReset(socket);
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake?.();
    });
  }

  static async connect(port: number): Promise<ScriptedClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new ScriptedClient(socket);
  }

  send(octets: Buffer): void {
    this.#socket.write(octets);
  }

  /** The next message. @throws RangeError when the connection ends first */
  async receive(): Promise<Spoken> {
    for (;;) {
      const frame = this.#came.shift();
      if (frame !== undefined) return spoken(frame);
      if (this.#isClosed) throw new RangeError("the server closed the connection");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    if (!this.#isClosed) await once(this.#socket, "close");
  }
}

/** Answers each Request with the next recorded Reply, under the request's own id. */
export class ScriptedListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #replies: readonly Spoken[];
  /** The requests it got. */
  readonly heard: Spoken[] = [];

  private constructor(server: Server, replies: readonly Spoken[]) {
    this.#server = server;
    this.#replies = replies;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      ignoreReset(socket);
      const frames = new Frames();
      socket.on("data", (chunk: Buffer) => {
        for (const frame of frames.push(chunk)) this.#answer(socket, spoken(frame));
      });
    });
  }

  static async listen(replies: readonly Spoken[]): Promise<ScriptedListener> {
    const server = createServer();
    const listener = new ScriptedListener(server, replies);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return listener;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("not listening");
    return address.port;
  }

  #answer(socket: Socket, said: Spoken): void {
    if (said.header.type !== "Request") return;
    const reply = this.#replies[this.heard.length];
    this.heard.push(said);
    if (reply !== undefined) socket.write(withRequestId(reply, said.header.requestId));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** An ORB of ours ends its connections with a reset, behind the CloseConnection; the close that follows is what counts. */
function ignoreReset(socket: Socket): void {
  socket.on("error", () => undefined);
}

/** A reply without service contexts, under another request's id. */
function withRequestId({ frame, header, minor }: Spoken, requestId: number): Buffer {
  if (header.type !== "Reply" || header.contexts.length > 0) {
    throw new RangeError("a plain Reply was expected");
  }
  const copy = Buffer.from(frame);
  copy.writeUInt32LE(requestId, minor === 2 ? 12 : 16);
  return copy;
}
