import test from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { freePorts } from "../../chaos/links.ts";
import { Bank } from "../../support/bank/index.ts";
import { eventually } from "../../support/process.ts";
import { addOnce, bankAt, commonText, type Daemon, MODULE, start, START_MS } from "./peers.ts";

/** The peer's replica is a member, or was one until its peer stood still. */
async function isRunningAt(daemon: Daemon): Promise<boolean> {
  return (await bankAt(daemon)) !== undefined;
}

test("a replica that was replaced while its peer stood still comes back, and one of the four is dismissed", async (t) => {
  t.timeout(240_000);
  const orb = await ORB_init([], { config: { orb: { listen: [], deadlineMs: 20_000 } } });
  t.teardown(() => orb.destroy());
  const [seed = 0, ...hosts] = await freePorts(4);
  const members = hosts.map((port) => `127.0.0.1:${port}`);
  const service = `
[[service]]
name = "bank"
module = ${JSON.stringify(MODULE)}
export = "BankServant"
replication = { members = ${JSON.stringify(members)}, reads = ["balance", "lines"] }
`;
  const daemons = await Promise.all([
    ...hosts.map((groups, i) =>
      start(t, orb, `p${i}`, `${commonText({ seed, port: i === 0 ? seed : 0, groups })}${service}`),
    ),
    start(t, orb, "spare", commonText({ seed, port: 0 })),
  ]);
  const [a, b, c, spare] = daemons;
  if (a === undefined || b === undefined || c === undefined || spare === undefined)
    throw new Error("four");
  const { reference = "" } = (await bankAt(a)) ?? {};
  const books = Bank.Books.uncheckedNarrow(await orb.string_to_object(reference));
  if (books === null) throw new TypeError("nil");
  await addOnce(t, books, "one");

  c.process.kill("SIGSTOP");
  await eventually("a replica is at the spare peer", () => isRunningAt(spare), START_MS);
  await addOnce(t, books, "two");
  c.process.kill("SIGCONT");
  // It comes back as the last of four, where there are to be three.
  await eventually(
    "the replica that came last is dismissed",
    async () => !(await isRunningAt(c)),
    START_MS,
  );
  for (const daemon of [a, b, spare]) t.true(await isRunningAt(daemon), daemon.name);
  await addOnce(t, books, "three");
  t.deepEqual(await books.lines(1), ["one", "two", "three"]);
});
