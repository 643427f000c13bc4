import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import type { Checkpoint, MemberId, StoreChange, WitnessState } from "../group/index.ts";
import type { Entry } from "../history/index.ts";
import { Groups } from "./groups.ts";
import {
  countOf,
  maybe,
  packEntry,
  packProposed,
  packKept,
  packView,
  unpackBallot,
  unpackEntry,
  unpackProposed,
  unpackKept,
  unpackView,
} from "./values.ts";

const ORDER = { charSet: 0x0501_0001, littleEndian: true } as const;

/** What a member keeps but for its log, and its checkpoint but for the state. */
export interface StoredHead
  extends Pick<StoreChange, "view" | "installed" | "promised" | "accepted" | "base"> {
  readonly group: string;
  readonly self: MemberId;
  readonly checkpoint: (Omit<Checkpoint, "state"> & { readonly hasState: boolean }) | undefined;
}

/** The votes of a witness. */
export interface StoredWitness {
  readonly group: string;
  readonly self: MemberId;
  readonly state: WitnessState | undefined;
}

function packed(write: (out: CdrOutput) => void): Uint8Array {
  const out = new CdrOutput(ORDER);
  write(out);
  return out.finish();
}

export function encodeHead(head: StoredHead): Uint8Array {
  const { group, self, view, installed, promised, accepted, base, checkpoint } = head;
  const latest = maybe(checkpoint).map(({ op, atMs, kept, hasState }) => ({
    op,
    at: atMs,
    kept: packKept(kept),
    has_state: hasState,
  }));
  return packed((out) =>
    Groups.writeStoredMember(out, {
      group_name: group,
      id: self,
      current: maybe(view).map(packView),
      installed,
      promise: maybe(promised),
      accepted: maybe(accepted).map(packProposed),
      base,
      latest,
    }),
  );
}

/** @throws MARSHAL for octets that are none */
export function decodeHead(octets: Uint8Array): StoredHead {
  const read = Groups.readStoredMember(new CdrInput(octets, ORDER));
  const { group_name: group, id: self, current, promise, latest } = read;
  return {
    group,
    self,
    view: current.map(unpackView)[0],
    installed: countOf(read.installed, "view installed"),
    promised: promise.map(unpackBallot)[0],
    accepted: read.accepted.map(unpackProposed)[0],
    base: countOf(read.base, "operation before the log"),
    checkpoint: latest.map(({ op, at, kept, has_state: hasState }) => ({
      op: countOf(op, "operation of the checkpoint"),
      atMs: at,
      kept: unpackKept(kept),
      hasState,
    }))[0],
  };
}

export function encodeEntry(entry: Entry): Uint8Array {
  return packed((out) => Groups.writeEntry(out, packEntry(entry)));
}

/** @throws MARSHAL for octets that are none */
export function decodeEntry(octets: Uint8Array): Entry {
  return unpackEntry(Groups.readEntry(new CdrInput(octets, ORDER)));
}

export function encodeWitness({ group, self, state }: StoredWitness): Uint8Array {
  const vote = maybe(state).map(({ view, promised, accepted }) => ({
    current: packView(view),
    promise: maybe(promised),
    accepted: maybe(accepted).map(packProposed),
  }));
  return packed((out) => Groups.writeStoredWitness(out, { group_name: group, id: self, vote }));
}

/** @throws MARSHAL for octets that are none */
export function decodeWitness(octets: Uint8Array): StoredWitness {
  const {
    group_name: group,
    id: self,
    vote,
  } = Groups.readStoredWitness(new CdrInput(octets, ORDER));
  const [state] = vote.map(({ current, promise, accepted }) => ({
    view: unpackView(current),
    promised: promise.map(unpackBallot)[0],
    accepted: accepted.map(unpackProposed)[0],
  }));
  return { group, self, state };
}
