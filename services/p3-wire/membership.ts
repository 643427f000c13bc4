import type { PeerRef } from "../overlay/index.ts";
import type { Message } from "../p3/index.ts";
import type { Beat } from "./beats.ts";
import type { DiscoveryMessage } from "./discovery.ts";
import {
  maybe,
  type Of,
  packChanges,
  packEntry,
  packSurroundings,
  unpackChanges,
  unpackEntry,
  unpackSurroundings,
} from "./entries.ts";
import { P3 } from "./p3.ts";

type Refusal = Of<"refused">["reason"];

/** All that is neither a heartbeat nor a question. */
export type MembershipMessage = Exclude<Message, Beat | DiscoveryMessage>;

/** Sends a message; the promise is of its leaving. */
export function tellMembership(
  to: P3.Membership,
  self: PeerRef,
  message: MembershipMessage,
): Promise<void> {
  switch (message.kind) {
    case "where":
      return to.where(self, message);
    case "root":
      return to.root(self, message.quest, message.root);
    case "place":
      return to.place(self, message);
    case "bind":
      return to.bind(self, { ...message, entry: packEntry(message.entry) });
    case "bound":
      return to.bound(self, message.quest, message.cell);
    case "join":
      return to.join(self, { ...message, entry: packEntry(message.entry) });
    case "verdict":
      return to.verdict(self, { ...message, entry: packEntry(message.entry) });
    case "welcome":
      return to.welcome(self, {
        ...message,
        records: packChanges(message.records),
        around: packSurroundings(message.around),
      });
    case "refused":
      return to.refused(self, message.quest, message.reason, message.afterMs);
    case "feed":
      return to.feed(self, { ...message, changes: packChanges(message.changes) });
    case "snapshot":
      return to.snapshot(self, { ...message, records: packChanges(message.records) });
    case "entry":
      return to.entry(self, packEntry(message.entry));
    case "claim":
      return to.claim(self, {
        ...message,
        records: packChanges(message.records),
        around: packSurroundings(message.around),
      });
    case "superseded":
      return to.superseded(self, message);
    case "stray":
      return to.stray(self);
    case "rebind":
      return to.rebind(self, message.epoch);
    case "adopted":
      return to.adopted(self, { ...message, root: maybe(message.root) });
    case "coordinator":
      return to.coordinator(self, message.coordinator);
    case "dissolve":
      return to.dissolve(self, message.root);
    case "leave":
      return to.leave(self);
  }
}

/** The servant of P3::Membership: hands every message on as the machine knows it. */
export class MembershipReceiver extends P3.MembershipSkeleton {
  readonly #receive: (sender: PeerRef, message: MembershipMessage) => void;

  constructor(receive: (sender: PeerRef, message: MembershipMessage) => void) {
    super();
    this.#receive = receive;
  }

  where(sender: PeerRef, body: P3.WhereMessage): void {
    this.#receive(sender, { kind: "where", ...body });
  }

  root(sender: PeerRef, quest: number, root: PeerRef): void {
    this.#receive(sender, { kind: "root", quest, root });
  }

  place(sender: PeerRef, body: P3.PlaceMessage): void {
    this.#receive(sender, { kind: "place", ...body });
  }

  bind(sender: PeerRef, body: P3.BindMessage): void {
    this.#receive(sender, { kind: "bind", ...body, entry: unpackEntry(body.entry) });
  }

  bound(sender: PeerRef, quest: number, cell: string): void {
    this.#receive(sender, { kind: "bound", quest, cell });
  }

  join(sender: PeerRef, body: P3.JoinMessage): void {
    this.#receive(sender, { kind: "join", ...body, entry: unpackEntry(body.entry) });
  }

  verdict(sender: PeerRef, body: P3.VerdictMessage): void {
    this.#receive(sender, { kind: "verdict", ...body, entry: unpackEntry(body.entry) });
  }

  welcome(sender: PeerRef, body: P3.WelcomeMessage): void {
    this.#receive(sender, {
      kind: "welcome",
      ...body,
      records: unpackChanges(body.records),
      around: unpackSurroundings(body.around),
    });
  }

  refused(sender: PeerRef, quest: number, reason: string, afterMs: number): void {
    // A reason of a later version is as good as any: it is told to people, and not acted upon.
    this.#receive(sender, { kind: "refused", quest, reason: reason as Refusal, afterMs });
  }

  feed(sender: PeerRef, body: P3.FeedMessage): void {
    this.#receive(sender, { kind: "feed", ...body, changes: unpackChanges(body.changes) });
  }

  snapshot(sender: PeerRef, body: P3.SnapshotMessage): void {
    this.#receive(sender, { kind: "snapshot", ...body, records: unpackChanges(body.records) });
  }

  entry(sender: PeerRef, entry: P3.PeerEntry): void {
    this.#receive(sender, { kind: "entry", entry: unpackEntry(entry) });
  }

  claim(sender: PeerRef, body: P3.ClaimMessage): void {
    this.#receive(sender, {
      kind: "claim",
      ...body,
      records: unpackChanges(body.records),
      around: unpackSurroundings(body.around),
    });
  }

  superseded(sender: PeerRef, body: P3.SupersededMessage): void {
    this.#receive(sender, { kind: "superseded", ...body });
  }

  stray(sender: PeerRef): void {
    this.#receive(sender, { kind: "stray" });
  }

  rebind(sender: PeerRef, epoch: number): void {
    this.#receive(sender, { kind: "rebind", epoch });
  }

  adopted(sender: PeerRef, body: P3.AdoptedMessage): void {
    this.#receive(sender, { kind: "adopted", ...body, root: body.root[0] });
  }

  coordinator(sender: PeerRef, coordinator: PeerRef): void {
    this.#receive(sender, { kind: "coordinator", coordinator });
  }

  dissolve(sender: PeerRef, root: PeerRef): void {
    this.#receive(sender, { kind: "dissolve", root });
  }

  leave(sender: PeerRef): void {
    this.#receive(sender, { kind: "leave" });
  }
}
