import type {
  Answer,
  OverlayEvent,
  PeerRef,
  Query,
  Standing,
} from "../../../services/overlay/index.ts";
import type { OpenPeerOptions } from "../../../services/p3-net/index.ts";

/** What a peer's program is started with, as JSON in its only argument. */
export interface ProgramOptions
  extends Omit<OpenPeerOptions, "logger" | "clock" | "random" | "transport" | "signal"> {
  /** Services that it has from the beginning. */
  readonly services?: readonly string[];
  /** It joins as soon as it is open. */
  readonly joins?: boolean;
}

/** A line of its input: what it is to do. */
export type Order =
  | { readonly do: "join" | "leave" | "tell" }
  | { readonly do: "publish"; readonly name: string }
  | { readonly do: "ask"; readonly number: number; readonly query: Query }
  /** Asks for each of these services so often, one after the other, without what it remembers. */
  | { readonly do: "exercise"; readonly names: readonly string[]; readonly times: number }
  /** Keeps the main thread from everything else, a while from now. */
  | { readonly do: "burn"; readonly ms: number; readonly afterMs: number }
  | { readonly do: "carry"; readonly to: PeerRef; readonly text: string };

/** A line of its output; `atMs` is on the machine's monotonic clock, the same for all processes. */
export type Said = { readonly atMs: number } & (
  | { readonly said: "open"; readonly ref: PeerRef }
  | { readonly said: "event"; readonly event: OverlayEvent }
  | {
      readonly said: "answer";
      readonly number: number;
      readonly answer: Answer;
      readonly tookMs: number;
    }
  | { readonly said: "exercised" }
  | { readonly said: "state"; readonly state: PeerState }
  | { readonly said: "carried"; readonly from: PeerRef; readonly text: string }
  | {
      readonly said: "log";
      readonly level: string;
      readonly message: string;
      readonly fields: string;
    }
);

export interface PeerState {
  readonly standing: Standing;
  readonly cell: readonly string[];
  readonly stalled: readonly string[];
}

/** Milliseconds on the machine's monotonic clock. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
