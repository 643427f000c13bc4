import test from "ava";
import type { PeerRef } from "../../../services/overlay/index.ts";
import { PeerProcess, type PeerProcessOptions } from "../../support/peer-process/index.ts";

const HOST = "127.0.0.1";

/** `HOST:PORT` of a peer's membership. */
function seedOf({ address }: PeerRef): string {
  return address.split(",")[0] ?? "";
}

/** Two peers that are one cell: `first` coordinates it. */
async function startTwo(): Promise<{ first: PeerProcess; second: PeerProcess }> {
  const first = await join({ name: "first", host: HOST, seeds: [] });
  const seeds = [seedOf(first.ref)];
  const settings = { mayFound: false };
  const second = await join({ name: "second", host: HOST, seeds, settings });
  return { first, second };
}

async function join(options: PeerProcessOptions): Promise<PeerProcess> {
  const peer = await PeerProcess.start(options);
  const joined = peer.said("event", ({ event }) => isIn(event));
  peer.order({ do: "join" });
  await joined;
  return peer;
}

function isIn(event: { readonly kind: string }): boolean {
  const { standing } = event as { readonly standing?: { readonly at: string } };
  return standing?.at === "member" || standing?.at === "coordinator";
}

test("two processes become one cell, find each other's services and carry messages", async (t) => {
  const { first, second } = await startTwo();
  await using _ = first;
  await using __ = second;
  const [one, two] = await Promise.all([first.state(), second.state()]);
  t.deepEqual(one.standing, { at: "coordinator", cell: "1", up: "root" });
  t.deepEqual(two.standing, { at: "member", cell: "1", coordinator: first.ref });
  t.deepEqual(two.cell, [first.ref.id, second.ref.id]);

  first.order({ do: "publish", name: "Comboio São João 列車" });
  const answered = await untilFound(second, "Comboio São João 列車");
  t.is(answered, first.ref.id);

  const carried = first.said("carried");
  second.order({ do: "carry", to: first.ref, text: "boa viagem" });
  const { from, text } = await carried;
  t.deepEqual({ from, text }, { from: second.ref, text: "boa viagem" });
});

/** @returns the id of the peer that has the service, asked for until the news of it has come */
async function untilFound(asker: PeerProcess, name: string): Promise<string | undefined> {
  const { answer } = await asker.ask({ of: "service", name });
  if (answer.kind !== "found") return await untilFound(asker, name);
  return answer.found[0]?.peer.id;
}

test("a killed coordinator is replaced at once, and one that leaves is not suspected", async (t) => {
  const { first, second } = await startTwo();
  await using _ = first;
  await using __ = second;
  const claimed = second.said("event", ({ event }) => isIn(event));
  first.kill("SIGKILL");
  const { event } = await claimed;
  t.like(event, { standing: { at: "coordinator" } });

  const seeds = [seedOf(second.ref)];
  await using third = await join({
    name: "third",
    host: HOST,
    seeds,
    settings: { mayFound: false },
  });
  const gone = second.said("event", (said) => said.event.kind === "gone");
  third.order({ do: "leave" });
  t.like((await gone).event, { kind: "gone", why: "left" });
  await third.ended();
});
