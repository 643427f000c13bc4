import { type CdrInput, CdrOutput, type GiopMinor } from "../../../orb/cdr/index.ts";
import { completionFromOrdinal } from "../../../orb/exception/index.ts";
import {
  Assembler,
  beginMessage,
  codecFor,
  endMessage,
  type GiopMessage,
  type ReplyStatus,
  RESPONSE,
} from "../../../orb/giop/index.ts";
import { alternateAddressesOf, type Ior, iiopProfilesOf, readIor } from "../../../orb/ior/index.ts";
import type { Channel, Transport } from "../../../orb/transport/index.ts";

/** What is measured of ORBs whose clients know nothing of groups, each with its defaults. */
export interface Habits {
  readonly minor: GiopMinor;
  readonly firstId: number;
  readonly idStep: number;
  /** Asks where the object is before the first request. */
  readonly locates: boolean;
  /** What becomes of a LOCATION_FORWARD_PERM. */
  readonly onPermanent: "follows" | "INTERNAL";
  /** A request that was lost where it was forwarded to is sent again to where it came from. */
  readonly repeatsForwarded: boolean;
  /** A request that was outstanding when the server said CloseConnection is sent again. */
  readonly repeatsClosed: boolean;
}

export const TAO: Habits = {
  minor: 2,
  firstId: 1,
  idStep: 1,
  locates: false,
  onPermanent: "INTERNAL",
  repeatsForwarded: false,
  repeatsClosed: false,
};

export const OMNIORB: Habits = {
  minor: 2,
  firstId: 2,
  idStep: 2,
  locates: true,
  onPermanent: "follows",
  repeatsForwarded: true,
  repeatsClosed: true,
};

/** A call of an operation. */
export interface Question<T> {
  readonly operation: string;
  readonly write: (out: CdrOutput) => void;
  readonly read: (input: CdrInput) => T;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly objectKey: Uint8Array;
}

/** What the client's program catches. */
export class Raised extends Error {
  override readonly name: string = "Raised";
}

const CONNECT_MS = 5_000;
const MOST_STEPS = 100;

/** A client written by the habits of one ORB: it calls `echo`, and does with answers and losses as that ORB does. */
export class HabitualClient {
  readonly #transport: Transport;
  readonly #habits: Habits;
  #base: readonly Place[];
  #forwarded: readonly Place[] | undefined;
  readonly #connections = new Map<string, Connection>();
  #hasLocated = false;

  constructor(transport: Transport, ior: Ior, habits: Habits) {
    this.#transport = transport;
    this.#habits = habits;
    this.#base = placesOf(ior);
  }

  /** Where the last request went. */
  at: number | undefined;

  /** @throws Raised with the name of the exception and its completion status */
  echo(text: string): Promise<string> {
    const write = (out: CdrOutput): void => void out.string(text);
    return this.call({ operation: "echo", write, read: (input) => input.string() });
  }

  /** @throws as `echo` */
  async call<T>(question: Question<T>): Promise<T> {
    const { onPermanent, repeatsForwarded, repeatsClosed } = this.#habits;
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const isForwarded = this.#forwarded !== undefined;
      const found = await this.#connected();
      if (found === undefined) {
        if (!isForwarded) throw new Raised("TRANSIENT COMPLETED_NO");
        this.#forwarded = undefined;
        continue;
      }
      const [connection, place] = found;
      this.at = place.port;
      if (this.#habits.locates && !this.#hasLocated) {
        await connection.locate(place.objectKey);
        this.#hasLocated = true;
      }
      const answer = await connection.call(place.objectKey, question);
      switch (answer.kind) {
        case "result":
          return question.read(answer.input);
        case "raised":
          throw new Raised(answer.text);
        case "forward":
          if (answer.isPermanent && onPermanent === "INTERNAL")
            throw new Raised("INTERNAL COMPLETED_NO");
          if (answer.isPermanent) {
            this.#base = placesOf(answer.to);
            this.#forwarded = undefined;
          } else this.#forwarded = placesOf(answer.to);
          continue;
        case "closed":
          if (repeatsClosed) continue;
          break;
        case "lost":
          this.#forwarded = undefined;
          if (isForwarded && repeatsForwarded) continue;
          break;
      }
      throw new Raised("COMM_FAILURE COMPLETED_MAYBE");
    }
    throw new RangeError("the call goes round in circles");
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  /** The first place that takes a connection; one that was reset while it was idle is opened anew. */
  async #connected(): Promise<readonly [Connection, Place] | undefined> {
    const places = this.#forwarded === undefined ? this.#base : this.#forwarded;
    for (const place of places) {
      const name = `${place.host}:${place.port}`;
      const known = this.#connections.get(name);
      if (known?.isOpen === true) return [known, place];
      try {
        const channel = await this.#transport.connect(place, AbortSignal.timeout(CONNECT_MS));
        const connection = new Connection(channel, this.#habits);
        this.#connections.set(name, connection);
        return [connection, place];
      } catch {
        // The next one.
      }
    }
    return undefined;
  }
}

type Answer =
  | { readonly kind: "result"; readonly input: CdrInput }
  | { readonly kind: "raised"; readonly text: string }
  | { readonly kind: "forward"; readonly to: Ior; readonly isPermanent: boolean }
  | { readonly kind: "closed" }
  | { readonly kind: "lost" };

class Connection {
  readonly #channel: Channel;
  readonly #habits: Habits;
  readonly #assembler = new Assembler({});
  #nextId: number;
  #waiting: ((message: GiopMessage | "closed" | "lost") => void) | undefined;
  isOpen = true;

  constructor(channel: Channel, habits: Habits) {
    this.#channel = channel;
    this.#habits = habits;
    this.#nextId = habits.firstId;
    channel.start({
      data: (chunk) => this.#assembler.consume(chunk, (message) => this.#heard(message)),
      drained: () => undefined,
      closed: () => this.#end("lost"),
    });
  }

  close(): void {
    this.#channel.destroy();
  }

  async locate(objectKey: Uint8Array): Promise<void> {
    const { minor } = this.#habits;
    const out = new CdrOutput({ giopMinor: minor });
    beginMessage(out, "LocateRequest", minor);
    codecFor(minor).writeLocateRequestHeader(out, {
      requestId: this.#id(),
      target: { by: "key", objectKey },
    });
    await this.#ask(endMessage(out).slice());
  }

  async call(objectKey: Uint8Array, question: Question<unknown>): Promise<Answer> {
    const { minor } = this.#habits;
    const codec = codecFor(minor);
    const out = new CdrOutput({ giopMinor: minor });
    beginMessage(out, "Request", minor);
    codec.writeRequestHeader(out, {
      requestId: this.#id(),
      responseFlags: RESPONSE.target,
      target: { by: "key", objectKey },
      operation: question.operation,
      contexts: [],
    });
    const headerEnd = codec.beginBody(out);
    question.write(out);
    const message = await this.#ask(codec.endBody(out, headerEnd).slice());
    if (typeof message === "string") return { kind: message };
    const { status } = codec.readReplyHeader(message.input);
    return answerOf(status, message);
  }

  #id(): number {
    const id = this.#nextId;
    this.#nextId += this.#habits.idStep;
    return id;
  }

  #ask(message: Uint8Array): Promise<GiopMessage | "closed" | "lost"> {
    if (!this.isOpen) return Promise.resolve("lost");
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#channel.send(message);
    });
  }

  #heard(message: GiopMessage): void {
    if (message.type === "CloseConnection") return this.#end("closed");
    this.#waiting?.(message);
    this.#waiting = undefined;
  }

  #end(how: "closed" | "lost"): void {
    this.isOpen = false;
    this.#waiting?.(how);
    this.#waiting = undefined;
    this.#channel.destroy();
  }
}

function answerOf(status: ReplyStatus, { input }: GiopMessage): Answer {
  if (status === "NO_EXCEPTION") return { kind: "result", input };
  if (status === "LOCATION_FORWARD" || status === "LOCATION_FORWARD_PERM")
    return { kind: "forward", to: readIor(input), isPermanent: status.endsWith("PERM") };
  const name = /CORBA\/(\w+):/.exec(input.string())?.[1] ?? status;
  input.ulong();
  return { kind: "raised", text: `${name} ${completionFromOrdinal(input.ulong())}` };
}

/** Each profile's own address, then its alternates. */
function placesOf(ior: Ior): readonly Place[] {
  return iiopProfilesOf(ior).flatMap(({ host, port, objectKey, components }) =>
    [{ host, port }, ...alternateAddressesOf(components)].map((at) => ({ ...at, objectKey })),
  );
}
