import type { PeerId, PeerRef } from "../overlay/index.ts";

/** One that has a vote. */
export interface Voter {
  readonly peer: PeerRef;
  /** The store that it votes with; a voter with another store has forgotten its promises and has no vote. Empty: none yet. */
  readonly store: string;
}

/** Who decides on names; each configuration but a forced one is decided by a majority of the one before. */
export interface VoterConfig {
  /** 0: as the settings say, before a majority of them met for the first time. */
  readonly epoch: number;
  /** Epoch of the last forced configuration; 0: there was none. */
  readonly era: number;
  readonly voters: readonly Voter[];
  /** Whose state the voters start from: the voters before, or the one peer that forced this configuration. */
  readonly base: readonly PeerRef[];
}

/** The configuration that all start from. */
export function firstConfig(voters: readonly PeerRef[]): VoterConfig {
  return { epoch: 0, era: 0, voters: voters.map((peer) => ({ peer, store: "" })), base: [] };
}

export function isForced({ epoch, era }: VoterConfig): boolean {
  return epoch > 0 && epoch === era;
}

export function voterOf(config: VoterConfig, id: PeerId): Voter | undefined {
  return config.voters.find(({ peer }) => peer.id === id);
}

export function voterIds(config: VoterConfig): readonly PeerId[] {
  return config.voters.map(({ peer }) => peer.id);
}
