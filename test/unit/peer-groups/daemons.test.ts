import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { type ORB, ORB_init, SystemException } from "../../../orb/index.ts";
import { Peers } from "../../../services/peer/index.ts";
import { freePorts } from "../../chaos/links.ts";
import { Bank } from "../../support/bank/index.ts";
import { TestProcess } from "../../support/process.ts";

// The real process, as an operator runs it.
const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));
const MODULE: string = fileURLToPath(
  new URL("../../support/bank/bank-servant.js", import.meta.url),
);
const START_MS = 60_000;
/** Of state. */
const BALLAST_OCTETS = 700_000;

interface Daemon {
  readonly process: TestProcess;
  readonly peer: Peers.Peer;
}

async function start(t: ExecutionContext, orb: ORB, name: string, text: string): Promise<Daemon> {
  const folder = await mkdtemp(join(tmpdir(), "peer-groups-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "peer.toml");
  await writeFile(file, `[peer]\nname = "${name}"\n${text}`);
  const process = new TestProcess(globalThis.process.execPath, [MAIN, "peer", "--config", file]);
  t.teardown(() => {
    process.kill("SIGKILL");
    return process[Symbol.asyncDispose]();
  });
  const [, at = ""] = await process.match(/^Peer=corbaloc::(.*)\/Peer$/m, START_MS);
  await process.match(/^ready$/m, START_MS);
  const peer = Peers.Peer.uncheckedNarrow(await orb.string_to_object(`corbaloc::${at}/Peer`));
  if (peer === null) throw new TypeError("nil");
  return { process, peer };
}

async function bankAt({ peer }: Daemon): Promise<Peers.ServiceStatus | undefined> {
  const statuses = await peer.services();
  return statuses.find(({ name, state }) => name === "bank" && state === "SERVICE_RUNNING");
}

/** Who is told that nobody knows looks into the books before it asks again. */
async function addOnce(t: ExecutionContext, books: Bank.Books, token: string): Promise<void> {
  for (;;) {
    try {
      if (!(await books.lines(1)).includes(token)) await books.add(token, "till", 1n);
      return;
    } catch (error) {
      if (!(error instanceof SystemException)) throw error;
      t.log(`${token}: ${error.message}`);
    }
  }
}

test("a peer with a replica is killed: another peer gets one, with the state, and the service goes on", async (t) => {
  t.timeout(180_000);
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs: 20_000 } } });
  t.teardown(() => orb.destroy());
  const [seed = 0, ...hosts] = await freePorts(4);
  const members = hosts.map((port) => `127.0.0.1:${port}`);
  const base = (port: number, groups: number): string => `
[orb]
listen = ["iiop://127.0.0.1:0"]
[overlay]
kind = "p3"
port = ${port}
discoveryPort = 0
faultTolerancePort = 0
seeds = ["127.0.0.1:${seed}"]
mayFound = ${port === seed}
leastDeviationMs = 200
[health]
enabled = false
[groups]
enabled = true
port = ${groups}
[control]
access = "full"
allow = [${JSON.stringify(MODULE)}]
`;
  const service = `
[[service]]
name = "bank"
module = ${JSON.stringify(MODULE)}
export = "BankServant"
args = [${BALLAST_OCTETS}]
replication = { members = ${JSON.stringify(members)}, reads = ["balance", "lines"] }
`;
  const [a, b, c, spare] = await Promise.all([
    ...hosts.map((port, i) =>
      start(t, orb, `p${i}`, `${base(i === 0 ? seed : 0, port)}${service}`),
    ),
    start(t, orb, "spare", base(0, 0)),
  ]);
  if (a === undefined || b === undefined || c === undefined || spare === undefined)
    throw new Error("four");
  const { reference = "" } = (await bankAt(a)) ?? {};
  const books = Bank.Books.uncheckedNarrow(await orb.string_to_object(reference));
  if (books === null) throw new TypeError("nil");
  t.is((await books.add("one", "till", 1n)).balance, 1n);
  t.is(await bankAt(spare), undefined);

  b.process.kill("SIGKILL");
  const startMs = performance.now();
  let replica = await bankAt(spare);
  while (replica === undefined) {
    t.true(performance.now() - startMs < START_MS, spare.process.errors);
    await new Promise((resolve) => setTimeout(resolve, 20));
    replica = await bankAt(spare);
  }
  t.log(`a replica runs elsewhere after ${Math.round(performance.now() - startMs)} ms`);
  t.is((await books.add("two", "till", 1n)).balance, 2n);

  // With the new one there is a majority when another one of the first goes.
  a.process.kill("SIGKILL");
  const atSpare = Bank.Books.uncheckedNarrow(await orb.string_to_object(replica.reference));
  if (atSpare === null) throw new TypeError("nil");
  await addOnce(t, atSpare, "three");
  t.deepEqual(await atSpare.lines(1), ["one", "two", "three"]);
});
