import type { Clock, Timer } from "../base/index.ts";
import type { CdrOutput } from "../cdr/index.ts";
import { SystemException } from "../exception/index.ts";
import { type GiopCodec, RESPONSE } from "../giop/index.ts";
import type { ClientConnection, OutgoingCall } from "../iiop/index.ts";
import { HEARTBEAT_OPERATION } from "../outgoing/index.ts";
import type { Heartbeat } from "../policy/index.ts";
import { addressOf, writeRequest } from "./call-message.ts";
import type { AnyOperation } from "./operation.ts";
import type { Target } from "./target.ts";

const FT_HB: AnyOperation = {
  name: HEARTBEAT_OPERATION,
  writeArguments: () => undefined,
  readResult: () => undefined,
};

/** Asks the peer of one connection whether it is there, again and again, for as long as the connection is open. */
class Pulse implements OutgoingCall {
  readonly isReplyExpected = true;
  readonly carriesContexts = false;
  /** A connection that has nothing but heartbeats is idle. */
  readonly isUpkeep = true;
  readonly terms: Heartbeat;
  readonly #clock: Clock;
  readonly #connection: ClientConnection;
  readonly #target: Target;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(clock: Clock, connection: ClientConnection, target: Target, terms: Heartbeat) {
    this.#clock = clock;
    this.#connection = connection;
    this.#target = target;
    this.terms = terms;
    void connection.gone.then(() => this.stop());
    this.#rest();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #rest(): void {
    this.#timer?.cancel();
    if (this.#isStopped || !this.#connection.isOpen) return;
    this.#timer = this.#clock.timer(this.terms.intervalMs, () => this.#beat());
    this.#timer.unref();
  }

  #beat(): void {
    if (!this.#connection.isOpen) return;
    try {
      this.#connection.send(this);
    } catch (error) {
      if (!(error instanceof SystemException)) throw error;
      // There is no room for more: calls that wait on the connection have limits of their own.
      this.#rest();
      return;
    }
    const { timeoutMs } = this.terms;
    const why = `no answer to a heartbeat (${HEARTBEAT_OPERATION}) within ${timeoutMs} ms`;
    this.#timer = this.#clock.timer(timeoutMs, () => this.#connection.lose(why));
  }

  write(out: CdrOutput, codec: GiopCodec, requestId: number): Uint8Array {
    const target = addressOf(this.#target);
    const header = { requestId, target, contexts: [], responseFlags: RESPONSE.target };
    return writeRequest(out, codec, header, FT_HB, []);
  }

  /** Whatever it says, it lives. */
  reply(): void {
    this.#rest();
  }

  located(): void {
    this.#rest();
  }

  broken(): void {
    this.stop();
  }
}

/** The connections of an ORB that are asked for their peers' health: those to members of object groups. */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #pulses = new WeakMap<ClientConnection, Pulse>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A request goes to the target over the connection: from now on its peer is asked, as often as whoever wants it most often. */
  keep(connection: ClientConnection, target: Target, terms: Heartbeat): void {
    if (!terms.enabled || !target.hasHeartbeat) return;
    const known = this.#pulses.get(connection);
    if (known !== undefined && known.terms.intervalMs <= terms.intervalMs) return;
    known?.stop();
    this.#pulses.set(connection, new Pulse(this.#clock, connection, target, terms));
  }
}
