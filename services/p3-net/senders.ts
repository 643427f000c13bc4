import { CdrInput, type InterfaceDescriptor, type Servant } from "../../orb/generated.ts";
import {
  type Arrival,
  type Channel,
  type DirectReceiver,
  type DispatchGate,
  type Logger,
  type Outcome,
  PassedOnChannel,
  type Transport,
  type Upcall,
} from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import { P3 } from "../p3-wire/index.ts";
import { parsePlace, plainHost } from "./address.ts";

type Deadline = Parameters<Upcall>[1];
type ServantOperation = InterfaceDescriptor["operations"][number];

const REFUSED: Outcome = { kind: "none" };
const GIOP_MINOR = 2;

/** A connection that another peer opened; `T` is kept for as long as it is there. */
export interface Sender<T> {
  /** The other side's IP address. */
  readonly host: string;
  /** Who it said to be, by its first message. */
  ref: PeerRef | undefined;
  /** It was told once that somebody is refused. */
  isRefused: boolean;
  kept: T | undefined;
}

export interface SendersOptions<T> {
  readonly log: Logger;
  /** Whether a sender's address must be the one that its connection comes from. */
  readonly checksHosts: boolean;
  readonly closed?: (sender: Sender<T>) => void;
  /** How messages name their sender; as those of P3 do where absent. */
  readonly naming?: SenderNaming;
}

/** How the messages of a protocol name their sender. */
export interface SenderNaming {
  /** Undefined for octets that cannot be read. */
  read(body: CdrInput): PeerRef | undefined;
  /** The host in a sender's address; undefined for what is none. */
  hostOf(ref: PeerRef): string | undefined;
  /** For people. */
  readonly form: string;
}

const P3_NAMING: SenderNaming = {
  read: (body) => P3.readPeerRef(body),
  hostOf: ({ id, address }) => {
    const place = parsePlace(address);
    return id === "" || place?.faultTolerance === undefined ? undefined : place.host;
  },
  form: "an address of a peer (HOST:PORT,PORT,PORT)",
};

/**
 * Who sends what comes to a service: each connection belongs to the peer that its first message names, at the address
 * that it comes from.
 */
export class Senders<T = undefined> {
  readonly #options: SendersOptions<T>;
  readonly #senders: Map<string, Sender<T>> = new Map();
  readonly #naming: SenderNaming;
  #current: Sender<T> | undefined;

  constructor(options: SendersOptions<T>) {
    this.#options = options;
    this.#naming = options.naming ?? P3_NAMING;
  }

  /** The connection whose message is being handled, where that is at once: not in a lane, which works off a queue. */
  get current(): Sender<T> | undefined {
    return this.#current;
  }

  /**
   * For the POA of one service: lets those messages through that are what they say.
   * @param unsigned operations that name no sender: the connection says who it is
   */
  gate({ operations }: InterfaceDescriptor, unsigned: readonly string[] = []): DispatchGate {
    const signed = new Set(operations.map(({ name }) => name));
    for (const name of unsigned) signed.delete(name);
    let upcall: Upcall | undefined;
    return {
      attach: (given) => {
        upcall = given;
      },
      admit: (arrival, deadline) => {
        if (upcall === undefined) throw new TypeError("the gate is attached to no POA");
        if (signed.has(arrival.operation) && !this.#isGenuine(arrival)) return REFUSED;
        return this.#admit(upcall, arrival, deadline);
      },
    };
  }

  /** Sees connections come and go. */
  transport(base: Transport): Transport {
    return {
      connect: (to, signal) => base.connect(to, signal),
      listen: (at, accept) => base.listen(at, (channel) => accept(this.#watch(channel))),
    };
  }

  /**
   * For what comes to a service in place of its POA: messages that are what they say are read once, and `servant` is told
   * at once. Its operations are oneway, and their first argument is who sends.
   */
  receiver(servant: Servant): DirectReceiver {
    const operations = new Map(servant._descriptor.operations.map((each) => [each.name, each]));
    return ({ operation: name, connectionId, giopMinor, input }) => {
      const operation = operations.get(name);
      if (operation === undefined || giopMinor !== GIOP_MINOR) return false;
      const sender = this.#senderOf(connectionId);
      const args = readArguments(operation, input);
      if (this.#isFrom(sender, args?.[0] as PeerRef | undefined, name) && args !== undefined)
        this.#tell(servant, operation, args);
      return true;
    };
  }

  #tell(servant: Servant, operation: ServantOperation, args: readonly unknown[]): void {
    const failed = (error: unknown): void =>
      this.#options.log.error("a message was not handled", { operation: operation.name, error });
    try {
      const done: unknown = operation.upcall(servant, args);
      if (done instanceof Promise) done.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Whether a message may be what it says; if not, why is in the log, once for each connection. */
  #isGenuine(arrival: Arrival): boolean {
    const sender = this.#senderOf(arrival.caller.connectionId);
    return this.#isFrom(sender, readSender(arrival, this.#naming), arrival.operation);
  }

  #isFrom(sender: Sender<T> | undefined, ref: PeerRef | undefined, operation: string): boolean {
    if (sender === undefined) return false;
    const reason = ref === undefined ? "corrupt message" : this.#fault(sender, ref);
    if (reason === undefined) {
      sender.ref ??= ref;
      return true;
    }
    if (!sender.isRefused) {
      sender.isRefused = true;
      const { host } = sender;
      this.#options.log.warn("messages are refused", { reason, host, operation, sender: ref });
    }
    return false;
  }

  #senderOf(connectionId: string): Sender<T> | undefined {
    // The ORB adds a number of its own to what the channel calls its peer.
    return this.#senders.get(connectionId.slice(0, connectionId.lastIndexOf("#")));
  }

  #fault({ host, ref: first }: Sender<T>, ref: PeerRef): string | undefined {
    if (first !== undefined && (first.id !== ref.id || first.address !== ref.address))
      return `wrong sender: the connection is that of ${first.id} at ${first.address}`;
    if (first !== undefined) return undefined;
    const named = this.#naming.hostOf(ref);
    if (named === undefined) return `wrong sender: "${ref.address}" is not ${this.#naming.form}`;
    if (this.#options.checksHosts && plainHost(named) !== host)
      return `wrong sender: it says to be at ${named}, and comes from ${host}`;
    return undefined;
  }

  #admit(upcall: Upcall, arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    this.#current = this.#senderOf(arrival.caller.connectionId);
    try {
      return upcall(arrival, deadline);
    } finally {
      this.#current = undefined;
    }
  }

  #watch(channel: Channel): Channel {
    const { peer } = channel;
    const host = plainHost(peer.slice(0, peer.lastIndexOf(":")));
    const sender: Sender<T> = { host, ref: undefined, isRefused: false, kept: undefined };
    this.#senders.set(peer, sender);
    return new PassedOnChannel(channel, {
      closed: () => {
        if (this.#senders.get(peer) === sender) this.#senders.delete(peer);
        this.#options.closed?.(sender);
      },
    });
  }
}

/** Undefined for octets that cannot be read. */
function readArguments(
  operation: ServantOperation,
  input: CdrInput,
): readonly unknown[] | undefined {
  try {
    return operation.readArguments(input);
  } catch {
    return undefined;
  }
}

/** Every message begins with its sender; undefined for octets that cannot be read. */
function readSender({ body, encoding }: Arrival, naming: SenderNaming): PeerRef | undefined {
  const { littleEndian, version } = encoding;
  if (version !== GIOP_MINOR) return undefined;
  try {
    return naming.read(new CdrInput(body, { littleEndian, giopMinor: version }));
  } catch {
    return undefined;
  }
}
