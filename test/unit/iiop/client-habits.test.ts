// Telling omniORB's clients from TAO's by their habits, on connections that were recorded of both.
import test from "ava";
import fc from "fast-check";
import {
  codecFor,
  type GiopMessage,
  findServiceContext,
  SERVICE_ID,
} from "../../../orb/giop/index.ts";
import { ClientHabits, type ClientOrb, forwardForm } from "../../../orb/hook/index.ts";
import { messagesIn } from "../../support/captured.ts";
import { readConnections, readManifest } from "../../support/vectors.ts";

function see(habits: ClientHabits, { type, minor, input }: GiopMessage): void {
  if (type === "Request") {
    const { requestId, contexts } = codecFor(minor).readRequestHeader(input);
    const offer = findServiceContext(contexts, SERVICE_ID.bidirectionalIiop);
    habits.saw(type, requestId, offer !== undefined);
  } else if (type === "LocateRequest") {
    habits.saw(type, codecFor(minor).readLocateRequestHeader(input).requestId, false);
  }
}

test("each recorded client is known from its first message to its last", (t) => {
  const seen = new Set<ClientOrb>();
  for (const capture of readManifest().captures) {
    for (const { server, fromClient } of readConnections(capture)) {
      // At these ports the client listens, and the server calls it back.
      const caller = server.endsWith("50") ? capture.server : capture.client;
      const expected: ClientOrb = caller.startsWith("omniORB") ? "omniORB" : "TAO";
      const habits = new ClientHabits();
      for (const message of messagesIn(fromClient)) {
        if (message.type !== "Request" && message.type !== "LocateRequest") continue;
        see(habits, message);
        t.is(habits.client, expected, capture.file);
      }
      if (fromClient.length > 0) seen.add(habits.client);
    }
  }
  t.deepEqual([...seen].toSorted(), ["TAO", "omniORB"]);
});

test("before anything has come, and where even numbers may be either's, there is doubt", (t) => {
  const habits = new ClientHabits();
  t.is(habits.client, "doubtful");
  habits.saw("Request", 2, true);
  t.is(habits.client, "doubtful");
  habits.saw("Request", 4, false);
  t.is(habits.client, "doubtful");
});

test("omniORB that was told not to ask, or comes back, is known by its even numbers", (t) => {
  const habits = new ClientHabits();
  habits.saw("Request", 2, false);
  t.is(habits.client, "omniORB");
  habits.saw("Request", 5, false);
  t.is(habits.client, "other");
});

test("no client that may be TAO's is forwarded for good, none that may be omniORB's for now", (t) => {
  const message = fc.record({
    type: fc.constantFrom<"Request" | "LocateRequest">("Request", "LocateRequest"),
    id: fc.nat(8),
    isBidirectional: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(message), fc.constantFrom(0, 1, 2), (messages, minor) => {
      const habits = new ClientHabits();
      for (const { type, id, isBidirectional } of messages) habits.saw(type, id, isBidirectional);
      const form = forwardForm(habits.client, minor as 0 | 1 | 2);
      const [first] = messages;
      const isLikeTao = first?.type === "Request" && first.id % 2 === 1;
      const isLikeOmni =
        messages.length > 0 && first?.id === 2 && messages.every(({ id }) => id % 2 === 0);
      if (isLikeTao) t.not(form, "permanent");
      if (isLikeOmni) t.not(form, "temporary");
      if (minor < 2) t.not(form, "permanent");
    }),
  );
});
