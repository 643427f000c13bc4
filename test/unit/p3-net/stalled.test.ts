import test from "ava";
import type { PeerRef } from "../../../services/overlay/index.ts";
import { PeerProcess, type PeerProcessOptions } from "../../support/peer-process/index.ts";

const HOST = "127.0.0.1";
/** A machine that is busy with other tests is late, too: silence counts from about a second on. */
const DETECTOR = { threshold: 8, expectedMs: 100, leastDeviationMs: 200 };
const BURN_MS = 4_000;
/** By then heartbeats go both ways: of a link that had none yet there is nothing to be said again. */
const BURN_AFTER_MS = 500;

function seedOf({ address }: PeerRef): string {
  return address.split(",")[0] ?? "";
}

async function join(options: Omit<PeerProcessOptions, "host">): Promise<PeerProcess> {
  const settings = { mayFound: options.seeds.length === 0, detector: DETECTOR };
  const peer = await PeerProcess.start({ host: HOST, settings, ...options });
  const joined = peer.said("event", ({ event }) => {
    const at = event.kind === "standing" ? event.standing.at : "";
    return at === "member" || at === "coordinator";
  });
  peer.order({ do: "join" });
  await joined;
  return peer;
}

test("a coordinator whose main thread stands still is seen to, and stays coordinator for as long as patience lasts", async (t) => {
  await using first = await join({ name: "first", seeds: [] });
  const seeds = [seedOf(first.ref)];
  await using second = await join({ name: "second", seeds, stallPatienceMs: 60_000 });
  first.order({ do: "burn", ms: BURN_MS, afterMs: BURN_AFTER_MS });
  const seen = await untilStalled(second);
  t.deepEqual(seen, [first.ref.id]);
  // It answers when it goes on.
  await first.state();
  t.deepEqual((await second.state()).standing, {
    at: "member",
    cell: "1",
    coordinator: first.ref,
  });
  t.deepEqual(
    first.events.filter(({ event }) => event.kind === "shunned"),
    [],
  );
});

/** @returns the neighbours that stand still, as soon as there are any */
async function untilStalled(peer: PeerProcess): Promise<readonly string[]> {
  const { stalled } = await peer.state();
  return stalled.length > 0 ? stalled : await untilStalled(peer);
}

test("when patience is over a coordinator that stands still is replaced, and joins again when it goes on", async (t) => {
  await using first = await join({ name: "first", seeds: [] });
  const seeds = [seedOf(first.ref)];
  await using second = await join({ name: "second", seeds, stallPatienceMs: 300 });
  const claimed = second.said(
    "event",
    ({ event }) => event.kind === "standing" && event.standing.at === "coordinator",
  );
  const back = first.said(
    "event",
    ({ event }) => event.kind === "standing" && event.standing.at === "member",
    60_000,
  );
  first.order({ do: "burn", ms: BURN_MS, afterMs: BURN_AFTER_MS });
  await claimed;
  const { event } = await back;
  t.like(event, { standing: { at: "member", coordinator: second.ref } });
});
