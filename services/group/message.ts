import type { Entry, Kept, Request } from "../history/index.ts";
import type { Ballot, View } from "./view.ts";

/** Why a request was not taken. */
export type Refusal =
  /** Not yet in the group. */
  | "joining"
  /** Outside of the current view, and to remain so. */
  | "fenced"
  /** No majority of the view can be reached. */
  | "no majority"
  /** As many requests wait as may. */
  | "full"
  /** Came after the instant after which its client asks no more. */
  | "expired"
  /** As many replies are kept for repetitions as may. */
  | "retention"
  /** Was executed, and its reply is no longer kept. */
  | "forgotten"
  /** Came after its client had said that it needs no answer. */
  | "answered"
  /** Left the group. */
  | "left";

/** Whose suffix of history a view would begin with. */
export interface Proposed {
  readonly ballot: Ballot;
  readonly next: View;
  /** What it holds of `next`'s history after what was asked from; undefined at a witness, which holds nothing. */
  readonly entries: readonly Entry[] | undefined;
}

/**
 * What members say to each other; `view` is the number of the sender's view. Messages may be lost, doubled and
 * overtaken.
 */
export type Message =
  /** Primary to all: operations from `from` on, maybe none; what is committed, and held by all; a round of reads. */
  | {
      readonly kind: "append";
      readonly view: number;
      readonly from: number;
      readonly entries: readonly Entry[];
      readonly commit: number;
      readonly stable: number;
      readonly round: number;
    }
  /** The sender's log holds everything up to `op`; it had heard of `round`. */
  | {
      readonly kind: "ack";
      readonly view: number;
      readonly op: number;
      readonly round: number;
      /** The sender's latest digest of its servant's state, and after which operation. */
      readonly digest: { readonly op: number; readonly of: string } | undefined;
    }
  /** To the primary: send operations from here on; 0: the whole state first. */
  | { readonly kind: "fetch"; readonly view: number; readonly from: number }
  /** The state after operation `op` is to be had, in so many octets. */
  | {
      readonly kind: "snapshot";
      readonly view: number;
      readonly op: number;
      readonly atMs: number;
      readonly kept: Kept;
      readonly octets: number;
    }
  | {
      readonly kind: "pull";
      readonly view: number;
      readonly op: number;
      readonly offset: number;
    }
  | {
      readonly kind: "chunk";
      readonly view: number;
      readonly op: number;
      readonly offset: number;
      readonly data: Uint8Array;
    }
  /** A member or a witness is asked to end this view: it acknowledges nothing in it any more. */
  | {
      readonly kind: "wedge";
      readonly view: number;
      readonly current: View;
      readonly ballot: Ballot;
      /** The sender needs operations from here on. */
      readonly from: number;
    }
  /** It has ended, and this is what the sender holds: of which view's history, up to where. */
  | {
      readonly kind: "promise";
      readonly view: number;
      readonly ballot: Ballot;
      readonly installed: number;
      readonly op: number;
      /** From what was asked; undefined when some of it was dropped. */
      readonly entries: readonly Entry[] | undefined;
      readonly accepted: Proposed | undefined;
    }
  /** The next view and the end of the history it begins with. */
  | {
      readonly kind: "propose";
      readonly view: number;
      readonly ballot: Ballot;
      readonly next: View;
      readonly from: number;
      readonly entries: readonly Entry[];
    }
  /** Agreed; the sender holds the history the next view begins with, unless it is the witness. */
  | { readonly kind: "accept"; readonly view: number; readonly ballot: Ballot }
  /** To agree the sender needs operations from here on. */
  | {
      readonly kind: "lack";
      readonly view: number;
      readonly ballot: Ballot;
      readonly from: number;
    }
  /** Somebody promised a later ballot. */
  | { readonly kind: "outbid"; readonly view: number; readonly ballot: Ballot }
  /** This view was decided. */
  | { readonly kind: "news"; readonly view: number; readonly current: View }
  /** Which view is it? From one that heard of a later one, or of none. */
  | { readonly kind: "ask"; readonly view: number }
  /** A request that another member than the primary received. */
  | { readonly kind: "submit"; readonly view: number; readonly request: Request }
  /** What became of it. */
  | {
      readonly kind: "answer";
      readonly view: number;
      readonly id: string;
      readonly outcome: Uint8Array;
    }
  | {
      readonly kind: "refused";
      readonly view: number;
      readonly id: string;
      readonly why: Refusal;
      readonly maybe: boolean;
    }
  /** The primary has nothing under way that the receiver lacks: it may take its place. */
  | { readonly kind: "stand"; readonly view: number }
  /** The sender is to go: the next view shall be without it, and it votes on that one. */
  | { readonly kind: "retire"; readonly view: number }
  /** The sender is gone. */
  | { readonly kind: "leave"; readonly view: number };
