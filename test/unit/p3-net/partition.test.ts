import test from "ava";
import type { PeerRef, Standing } from "../../../services/overlay/index.ts";
import { NetworkHosts } from "../../support/network/index.ts";
import {
  machineMs,
  PeerProcess,
  type PeerProcessOptions,
} from "../../support/peer-process/index.ts";
import { until } from "./support.ts";

const LEVEL = { span: 2, superpeers: 2, leaves: 0, monitors: 0 };
/** A machine that is busy with other tests is late: silence counts from about 0.7 s on. */
const SETTINGS = {
  levels: [LEVEL],
  cacheMs: 1,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 100 },
};
const HEAL_MS = 40_000;

function seedOf({ address }: PeerRef): string {
  return address.split(",")[0] ?? "";
}

function isIn({ at }: Standing): boolean {
  return at === "member" || at === "coordinator";
}

async function join(options: PeerProcessOptions): Promise<PeerProcess> {
  const settings = { ...SETTINGS, mayFound: options.seeds.length === 0 };
  const peer = await PeerProcess.start({
    joins: true,
    services: [options.name],
    settings,
    ...options,
  });
  if (!(await until(() => isIn(peer.standing), HEAL_MS))) throw new Error(`${peer.name} is not in`);
  return peer;
}

function isRoot({ standing }: PeerProcess): boolean {
  return standing.at === "coordinator" && standing.up === "root";
}

/** Whether these are one tree: one root, and everybody tied to it. */
function isTree(peers: readonly PeerProcess[]): boolean {
  return (
    peers.filter(isRoot).length === 1 &&
    peers.every(
      ({ standing }) =>
        isIn(standing) &&
        !(standing.at === "coordinator" && !["root", "linked"].includes(standing.up)),
    )
  );
}

async function isFoundBy(asker: PeerProcess, name: string): Promise<boolean> {
  const endMs = machineMs() + HEAL_MS;
  while (machineMs() < endMs) {
    const { answer } = await asker.ask({ of: "service", name });
    if (answer.kind === "found") return true;
  }
  return false;
}

const made = NetworkHosts.make(2);
const suite = typeof made === "string" ? test.skip : test;
const title = "a link that is taken down makes two trees, and one again when it is up";

suite(typeof made === "string" ? `${title} (${made.slice(0, 80)})` : title, async (t) => {
  if (typeof made === "string") return;
  using hosts = made;
  const [here, there] = hosts.hosts;
  if (here === undefined || there === undefined) throw new Error("no hosts");
  await using a = await join({
    name: "a",
    namespace: here.namespace,
    host: here.address,
    seeds: [],
  });
  const seeds = [seedOf(a.ref)];
  await using b = await join({ name: "b", namespace: here.namespace, host: here.address, seeds });
  const far = { namespace: there.namespace, host: there.address, seeds };
  await using c = await join({ name: "c", ...far });
  await using d = await join({ name: "d", ...far });
  const all = [a, b, c, d];
  t.true(isTree(all));

  there.setLink(false);
  t.true(await until(() => isTree([a, b]) && isTree([c, d]), HEAL_MS), "two trees");
  t.true(await isFoundBy(d, "c"));

  const upMs = machineMs();
  there.setLink(true);
  t.true(await until(() => isTree(all), HEAL_MS), "one tree");
  t.log(`one tree ${Math.round(machineMs() - upMs)} ms after the link was up`);
  t.true(await isFoundBy(d, "a"));
  t.true(await isFoundBy(a, "d"));
});
