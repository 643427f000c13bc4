import type { Found, PeerRef, Query, Wanted } from "../overlay/index.ts";
import type { Message } from "../p3/index.ts";
import { maybe, type Of, packService, unpackService } from "./entries.ts";
import { P3 } from "./p3.ts";

export type DiscoveryMessage = Of<"ask" | "answer" | "forget">;

export function isDiscovery(message: Message): message is DiscoveryMessage {
  const { kind } = message;
  return kind === "ask" || kind === "answer" || kind === "forget";
}

function packWanted(attributes: Query["attributes"]): P3.WantedList {
  return Object.entries(attributes ?? {}).map(([name, value]) => ({ name, value: wanted(value) }));
}

function wanted(value: Wanted): P3.WantedValue {
  if (typeof value === "string") return { $d: "WANTED_TEXT", text: value };
  if (typeof value === "number") return { $d: "WANTED_NUMBER", number: value };
  return { $d: "WANTED_RANGE", limits: { least: maybe(value.least), most: maybe(value.most) } };
}

function unpackWanted(list: P3.WantedList): Pick<Query, "attributes"> {
  if (list.length === 0) return {};
  return { attributes: Object.fromEntries(list.map(({ name, value }) => [name, wantedOf(value)])) };
}

function wantedOf(value: P3.WantedValue): Wanted {
  switch (value.$d) {
    case "WANTED_TEXT":
      return value.text;
    case "WANTED_NUMBER":
      return value.number;
    case "WANTED_RANGE": {
      const [least] = value.limits.least;
      const [most] = value.limits.most;
      return {
        ...(least === undefined ? {} : { least }),
        ...(most === undefined ? {} : { most }),
      };
    }
  }
}

function packQuery(query: Query): P3.AnyQuery {
  const attributes = packWanted(query.attributes);
  if (query.of === "service") {
    const { name, instance } = query;
    return { $d: "QUERY_SERVICE", byService: { name, instance: maybe(instance), attributes } };
  }
  const { level, role, except = [], count } = query;
  return {
    $d: "QUERY_PEER",
    byPeer: { level: maybe(level), role: maybe(role), attributes, except, count },
  };
}

function unpackQuery(query: P3.AnyQuery): Query {
  if (query.$d === "QUERY_SERVICE") {
    const { name, instance, attributes } = query.byService;
    const [only] = instance;
    return {
      of: "service",
      name,
      ...(only === undefined ? {} : { instance: only }),
      ...unpackWanted(attributes),
    };
  }
  const { level, role, attributes, except, count } = query.byPeer;
  const [depth] = level;
  const [kind] = role;
  return {
    of: "peer",
    ...(depth === undefined ? {} : { level: depth }),
    ...(kind === undefined ? {} : { role: kind }),
    ...unpackWanted(attributes),
    ...(except.length === 0 ? {} : { except }),
    count,
  };
}

function packFound({ peer, service }: Found): P3.FoundOne {
  return { where: peer, what: service === undefined ? [] : [packService(service)] };
}

function unpackFound({ where, what: [service] }: P3.FoundOne): Found {
  return { peer: where, service: service === undefined ? undefined : unpackService(service) };
}

/** Sends a message; the promise is of its leaving. */
export function tellDiscovery(
  to: P3.Discovery,
  self: PeerRef,
  message: DiscoveryMessage,
): Promise<void> {
  switch (message.kind) {
    case "ask":
      return to.ask(self, { ...message, query: packQuery(message.query) });
    case "answer":
      return to.answer(self, { ...message, found: message.found.map(packFound) });
    case "forget":
      return to.forget(self, message);
  }
}

/** Who hears what comes to a peer's P3::Discovery. */
export interface DiscoveryEars {
  receive(sender: PeerRef, message: DiscoveryMessage): void;
  carried(sender: PeerRef, channel: string, message: Uint8Array): void;
}

/** The servant of P3::Discovery: hands every message on as the machine knows it. */
export class DiscoveryReceiver extends P3.DiscoverySkeleton {
  readonly #ears: DiscoveryEars;

  constructor(ears: DiscoveryEars) {
    super();
    this.#ears = ears;
  }

  ask(sender: PeerRef, body: P3.AskMessage): void {
    this.#ears.receive(sender, { kind: "ask", ...body, query: unpackQuery(body.query) });
  }

  answer(sender: PeerRef, body: P3.AnswerMessage): void {
    this.#ears.receive(sender, { kind: "answer", ...body, found: body.found.map(unpackFound) });
  }

  forget(sender: PeerRef, body: P3.ForgetMessage): void {
    this.#ears.receive(sender, { kind: "forget", ...body });
  }

  carry(sender: PeerRef, channel: string, message: P3.Octets): void {
    // A view of the message that came: whoever keeps it must not keep the rest alive.
    this.#ears.carried(sender, channel, Uint8Array.from(message));
  }
}
