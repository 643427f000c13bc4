import test from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { freePorts } from "../../chaos/links.ts";
import { Bank } from "../../support/bank/index.ts";
import { addOnce, bankAt, commonText, MODULE, start, START_MS } from "./peers.ts";

/** Of state. */
const BALLAST_OCTETS = 1 << 20;

test("a peer with a replica is killed: another peer gets one, with the state, and the service goes on", async (t) => {
  t.timeout(180_000);
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs: 20_000 } } });
  t.teardown(() => orb.destroy());
  const [seed = 0, ...hosts] = await freePorts(4);
  const members = hosts.map((port) => `127.0.0.1:${port}`);
  const base = (port: number, groups: number): string => commonText({ seed, port, groups });
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

  b.process.kill("SIGKILL");
  const startMs = performance.now();
  let replica = await bankAt(spare);
  while (replica === undefined) {
    t.true(performance.now() - startMs < START_MS, spare.process.errors);
    await new Promise((resolve) => setTimeout(resolve, 20));
    replica = await bankAt(spare);
  }
  const tookMs = Math.round(performance.now() - startMs);
  t.log(
    `three replicas again ${tookMs} ms after the crash, ${BALLAST_OCTETS / (1 << 20)} MiB of state`,
  );
  t.is((await books.add("two", "till", 1n)).balance, 2n);

  // With the new one there is a majority when another one of the first goes.
  a.process.kill("SIGKILL");
  const atSpare = Bank.Books.uncheckedNarrow(await orb.string_to_object(replica.reference));
  if (atSpare === null) throw new TypeError("nil");
  await addOnce(t, atSpare, "three");
  t.deepEqual(await atSpare.lines(1), ["one", "two", "three"]);
});
