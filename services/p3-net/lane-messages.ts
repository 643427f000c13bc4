import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { PeerId, PeerRef } from "../overlay/index.ts";
import type { Beat } from "../p3-wire/index.ts";

/** What the thread of the heartbeats is to be. */
export interface LaneBirth {
  readonly listenHost: string;
  /** 0: the system chooses. */
  readonly listenPort: number;
  readonly heartbeatMs: number;
  /** CORBA priority of the thread. */
  readonly priority: number;
  readonly checksHosts: boolean;
}

/** Told to the thread for each of its peers: what that one is told, and tells, goes through the port. */
export interface LaneStart extends LaneBirth {
  readonly port: MessagePort;
}

/** To the thread of the heartbeats. */
export type ToLane =
  /** Who this peer is; comes first. */
  | { readonly kind: "self"; readonly ref: PeerRef }
  /** Each beat to be sent now: the links of this peer, and a sign of life of its main thread, also when there are none. */
  | { readonly kind: "beats"; readonly beats: readonly AddressedBeat[] }
  | { readonly kind: "close" };

export interface AddressedBeat {
  readonly to: PeerRef;
  readonly beat: Beat;
}

/** A heartbeat that came, and for how long its sender's main thread has said nothing. */
export interface HeardBeat {
  readonly from: PeerRef;
  readonly beat: Beat;
  readonly stalledMs: number;
}

/** From the thread of the heartbeats. */
export type FromLane =
  | { readonly kind: "open"; readonly port: number }
  | { readonly kind: "failed"; readonly why: string }
  | ({ readonly kind: "heard" } & HeardBeat)
  /** The process of a neighbour is gone: its connection broke, and nobody takes another one. */
  | { readonly kind: "gone"; readonly peer: PeerRef }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "closed" };

/**
 * Hands over what comes through the port of the heartbeats' thread. What piled up while that thread had no processor
 * becomes one period: of each link the latest beat, for the ones before it are not true any more, and neighbours would
 * get them in a burst.
 */
export function hearOrders(port: MessagePort, take: (message: ToLane) => void): void {
  port.on("message", (first: ToLane) => {
    let beats: Map<PeerId, AddressedBeat> | undefined;
    const hand = (): void => {
      if (beats !== undefined) take({ kind: "beats", beats: [...beats.values()] });
      beats = undefined;
    };
    for (let message: ToLane | undefined = first; message !== undefined; message = nextOf(port)) {
      if (message.kind !== "beats") {
        hand();
        take(message);
        continue;
      }
      beats ??= new Map();
      for (const beat of message.beats) beats.set(beat.to.id, beat);
    }
    hand();
  });
}

function nextOf(port: MessagePort): ToLane | undefined {
  return receiveMessageOnPort(port)?.message as ToLane | undefined;
}
