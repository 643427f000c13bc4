import { type Clock, hexDump } from "../base/index.ts";
import { Assembler, GiopFault } from "../giop/index.ts";
import { messageText } from "./message-text.ts";
import type { ChannelObserver, Observe } from "./observed-transport.ts";

/** 1: a line for each message; 2: their octets, too. */
export type TraceLevel = 1 | 2;

/** Octets of one message that are shown. */
const SHOWN_OCTETS = 4_096;

/** One direction of a connection. */
class Direction {
  readonly #assembler = new Assembler();
  readonly #print: (text: string) => void;
  readonly #level: TraceLevel;
  #isLost = false;

  constructor(level: TraceLevel, print: (text: string) => void) {
    this.#level = level;
    this.#print = print;
  }

  /** Prints the messages that the octets complete; fragments are joined before. */
  take(octets: Uint8Array): void {
    if (this.#isLost) return;
    try {
      // A copy: the assembler keeps what it is given, and these octets are somebody else's.
      this.#assembler.consume(octets.slice(), (message) => this.#print(messageText(message)));
    } catch (error) {
      if (!(error instanceof GiopFault)) throw error;
      this.#isLost = true;
      this.#print(`what is no GIOP, and nothing is shown from here on: ${error.message}`);
    }
    if (this.#level === 2) this.#print(`${octets.length} octets\n${hexDump(octets, SHOWN_OCTETS)}`);
  }
}

/**
 * Prints the GIOP messages of all connections: `+12.345 ms  -> 10.0.0.1:2809  Request 2: list on …`. `->`
 * and `<-` are sent and received on a connection that this ORB opened, `=>` and `<=` on one it accepted.
 */
export function messageTrace(
  level: TraceLevel,
  clock: Clock,
  print: (text: string) => void,
): Observe {
  const startedMs = clock.nowMs();
  return (side, peer): ChannelObserver => {
    const [out, back] = side === "client" ? ["->", "<-"] : ["=>", "<="];
    const line = (arrow: string) => (text: string) => {
      const at = (clock.nowMs() - startedMs).toFixed(3);
      print(`+${at} ms  ${arrow} ${peer}  ${text}`);
    };
    const sent = new Direction(level, line(out ?? ""));
    const received = new Direction(level, line(back ?? ""));
    line(out ?? "")(side === "client" ? "connected" : "accepted");
    return {
      sent: (octets) => sent.take(octets),
      received: (octets) => received.take(octets),
      queued: () => undefined,
      closed: () => line(back ?? "")("closed"),
    };
  };
}
