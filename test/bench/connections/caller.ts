import { connect, type Socket } from "node:net";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  type GiopMessage,
  RESPONSE,
} from "../../../orb/giop/index.ts";

/** Where the object of a reference is. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly objectKey: Uint8Array;
}

/** A request to echo some octets, written once and sent again and again. */
export function echoRequest({ objectKey }: Place, octets: number): Buffer {
  const out = new CdrOutput({ giopMinor: 2 });
  const codec = codecFor(2);
  beginMessage(out, "Request", 2);
  codec.writeRequestHeader(out, {
    requestId: 2,
    responseFlags: RESPONSE.target,
    target: { by: "key", objectKey },
    operation: "echo",
    contexts: [],
  });
  const headerEnd = codec.beginBody(out);
  out.octetSequence(new Uint8Array(octets));
  return Buffer.from(codec.endBody(out, headerEnd));
}

/** One connection of its own, one call at a time: an ORB would send all its calls over one. */
export class Caller {
  readonly #socket: Socket;
  readonly #assembler = new Assembler();
  #waiting: ((message: string) => void) | undefined;
  /** What came that nobody had asked for: how the server ended the connection. */
  readonly unasked: string[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) =>
      this.#assembler.consume(chunk, (message) => this.#heard(outcomeOf(message))),
    );
    socket.on("error", ({ message }) => this.#heard(message));
    socket.on("close", () => this.#heard("closed"));
  }

  /** @throws the system's error */
  static open({ host, port }: Place): Promise<Caller> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new Caller(socket));
      });
    });
  }

  /** @returns "NO_EXCEPTION", the name of a system exception, or how the connection ended */
  call(request: Buffer): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#socket.write(request);
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  close(): void {
    this.#socket.destroy();
  }

  #heard(what: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.unasked.push(what);
    else waiting(what);
  }
}

function outcomeOf(message: GiopMessage): string {
  if (message.type !== "Reply") return message.type;
  const { status } = codecFor(message.minor).readReplyHeader(message.input);
  if (status !== "SYSTEM_EXCEPTION") return status;
  return message.input.string().split("/").at(-1)?.split(":")[0] ?? status;
}
