import type { Clock, Logger, Random } from "../../orb/base/index.ts";
import { SystemException } from "../../orb/index.ts";
import {
  isForced,
  type NamesEvent,
  NamesNode,
  type NamesSettings,
  type VoterConfig,
  type VoterStore,
} from "../names/index.ts";
import type { Overlay, PeerRef } from "../overlay/index.ts";
import { decodeNamesMessage, encodeNamesMessage } from "./message-codec.ts";
import { lastingId, NAMES_SERVICE, Places } from "./places.ts";

/** A channel between peers: what `PeerNode.carrier("names")` gives. */
export interface NamesCarrier {
  /** Sends without waiting. @returns false when it is known that it does not get there */
  send(to: PeerRef, message: Uint8Array): boolean;
  /** @returns ends it */
  onReceive(heard: (from: PeerRef, message: Uint8Array) => void): () => void;
}

export interface OpenNamesOptions {
  /** This peer, as the overlay knows it; its first port lasts. */
  readonly self: PeerRef;
  readonly overlay: Overlay;
  readonly carrier: NamesCarrier;
  /** Addresses of the voters, or their `HOST:PORT` alone, as their peers print them; the same everywhere. */
  readonly voters: readonly string[];
  readonly settings?: Partial<Omit<NamesSettings, "voters">>;
  readonly store: VoterStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told of what changes whose vote counts. */
  readonly heard?: (event: NamesEvent) => void;
}

/** Links that change without an event, as when a child cell joins, are seen this late. */
const LINKS_MS = 500;

/** What people are told of an event. */
function sayingOf(event: NamesEvent): string {
  switch (event.kind) {
    case "voting":
      return `votes on names, epoch ${event.config.epoch}`;
    case "sealed":
      return `votes on names no more: epoch ${event.config.epoch} takes over`;
    case "config":
      return `voters of names from epoch ${event.config.epoch} on${isForced(event.config) ? ", by force" : ""}: ${votersOf(event.config)}`;
    case "forgotten":
      return "is named as a voter, but its store is a new one: asks the others to take it in again";
    case "cut-off":
      return "has not heard of the voters of names for long: what it knows is not told to others";
    case "renewed":
      return "hears of the voters of names again, and makes its copy anew";
  }
}

function votersOf({ voters }: VoterConfig): string {
  return voters.map(({ peer }) => peer.id).join(" ");
}

/**
 * The names of one peer over the overlay: to its voters by the carrier, and along the links of the tree. Peers are
 * found again after a restart by discovery.
 * @throws RangeError without voters; VoterStoreError when the store cannot be used
 */
export async function openNames(options: OpenNamesOptions): Promise<NamesNode> {
  const { overlay, carrier, clock, log } = options;
  if (options.voters.length === 0) throw new RangeError("names need one voter at least");
  const places = new Places({ overlay, clock });
  // Where all ports are told nobody has to be asked.
  const voters = options.voters.map((address) => places.meet({ id: address, address }));
  const self = { id: lastingId(options.self), address: options.self.address };
  const node = await NamesNode.open({
    self,
    settings: {
      ...options.settings,
      voters,
    },
    clock,
    random: options.random,
    store: options.store,
    send: (to, message) => {
      const there = places.find(to);
      if (there === undefined) return;
      if (carrier.send(there, encodeNamesMessage(message)) === false) places.forget(to.id);
    },
    heard: (event) => {
      log.info(`names: ${self.id} ${sayingOf(event)}`);
      options.heard?.(event);
    },
    failed: (error) => log.error(`names: ${self.id} votes no more: ${String(error)}`),
    closed: () => {
      stopHearing();
      stopWatching();
      timer.cancel();
      overlay.discovery.withdraw(NAMES_SERVICE, self.id);
    },
  });
  const link = (): void => node.link(overlay.membership.links().map((ref) => places.meet(ref)));
  const stopHearing = carrier.onReceive((from, octets) => {
    try {
      node.receive(places.meet(from), decodeNamesMessage(octets));
    } catch (error) {
      if (!(error instanceof SystemException)) throw error;
      log.warn(`names: a message of ${from.address} cannot be read: ${error.message}`);
    }
  });
  const stopWatching = overlay.watch((event) => {
    if (event.kind === "gone") places.forget(lastingId(event.peer));
    link();
  });
  const look = (): void => {
    link();
    timer = clock.timer(LINKS_MS, look);
    timer.unref();
  };
  let timer = clock.timer(0, look);
  timer.unref();
  overlay.discovery.publish({
    name: NAMES_SERVICE,
    instance: self.id,
    reference: self.address,
  });
  return node;
}
