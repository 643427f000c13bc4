import test from "ava";
import { iorFromString } from "../../../orb/ior/index.ts";
import { HabitualClient, OMNIORB, Raised, TAO } from "../../support/replication/habitual-client.ts";
import { Sites } from "../../support/replication/sites.ts";
import { sample } from "../../support/sample.ts";

/** Requests that each site answered with another address. */
function sent(sites: Sites): Record<string, number> {
  return Object.fromEntries([...sites.all].map(([address, { door }]) => [address, door.sentCount]));
}

test("our client takes the newer reference of a group with its next call, and goes to the new primary", async (t) => {
  const sites = new Sites(t, { style: "semi-active" });
  await sites.found();
  const ledger = await sites.ledger("b");
  t.is(await sample.echo(ledger, "one"), "1 one");
  await sites.migrate("c");
  t.is(await sample.echo(ledger, "two"), "2 two");
  t.is(await sample.echo(ledger, "three"), "3 three");
  // Sent on once, by the one that was primary; then it has the newest reference.
  t.deepEqual(sent(sites), { a: 1, b: 0, c: 0 });
});

test("our client sees no exception when the primary is killed while it calls, and nothing is done twice", async (t) => {
  const sites = new Sites(t, { style: "semi-active" });
  await sites.found();
  const ledger = await sites.ledger("a");
  const answers: string[] = [];
  const calls = (async (): Promise<void> => {
    for (let i = 0; i < 30; i++) answers.push(await sample.echo(ledger, `slowly ${i}`));
  })();
  await sites.until(() => answers.length >= 5);
  await sites.kill("a");
  await sites.until(() => answers.length === 30);
  await calls;
  t.deepEqual(
    answers,
    Array.from({ length: 30 }, (_, i) => `${i + 1} slowly ${i}`),
  );
});

test("one that leaves sends its clients to the others before it goes", async (t) => {
  const sites = new Sites(t, { style: "active" });
  await sites.found();
  const ledger = await sites.ledger("a");
  t.is(await sample.echo(ledger, "one"), "1 one");
  await sites.migrate("b");
  const { door } = sites.get("a");
  door.sendAway();
  t.is(await sample.echo(ledger, "two"), "2 two");
  t.is(door.sentCount, 1);
  await door.group.leave();
  const late = await sites.newClient();
  const reference = await late.string_to_object(sites.get("a").reference());
  if (reference === null) throw new TypeError("nil");
  t.is(await sample.echo(reference, "three"), "3 three");
});

test("a replica that comes back gets the state of the group into its servant", async (t) => {
  const sites = new Sites(t, { style: "warm-passive" });
  await sites.found();
  const ledger = await sites.ledger("a");
  await sample.echo(ledger, "one");
  await sites.kill("c");
  await sample.echo(ledger, "two");
  const { ledger: servant, door } = await sites.start("c");
  await sites.until(() => door.group.standing.at === "follower");
  await sites.until(() => servant.said.length === 2);
  t.deepEqual(servant.said, ["one", "two"]);
});

/** There is no forward for good before GIOP 1.2, and one for now has it send requests again that were executed. */
const EARLY = { ...OMNIORB, minor: 1 } as const;
/** Nobody's whose habits are known, and as reckless as omniORB's. */
const OTHER = { ...OMNIORB, firstId: 77 } as const;

function clientOf(sites: Sites, at: string, habits: typeof TAO): HabitualClient {
  return new HabitualClient(sites.transport, iorFromString(sites.get(at).reference()), habits);
}

const portOf = (sites: Sites, at: string): number => sites.get(at).orb.endpoints[0]?.port ?? 0;

for (const [name, habits] of [
  ["omniORB", OMNIORB],
  ["TAO", TAO],
] as const)
  test(`clients with the habits of ${name} follow a primary that is moved about: no exception, nothing done twice`, async (t) => {
    const sites = new Sites(t, { style: "semi-active" });
    await sites.found();
    const client = clientOf(sites, "a", habits);
    for (let i = 0; i < 12; i++) {
      t.is(await sites.settled(client.echo(`call ${i}`)), `${i + 1} call ${i}`);
      const to = ["b", "c", "a"][i % 3] ?? "a";
      await sites.migrate(to);
      // What is under way while the place is handed over is answered all the same.
    }
    await sites.settled(client.echo("last"));
    t.is(client.at, portOf(sites, sites.primary?.address ?? ""));
    client.close();
  });

test("omniORB of GIOP 1.1, which knows no forward for good: its clients are served where they are, and by nobody else when the replica has left", async (t) => {
  const sites = new Sites(t, { style: "active" });
  await sites.found();
  const client = clientOf(sites, "a", EARLY);
  t.is(await sites.settled(client.echo("one")), "1 one");
  await sites.migrate("b");
  t.is(await sites.settled(client.echo("two")), "2 two");
  const { door } = sites.get("a");
  door.sendAway();
  t.is(await sites.settled(client.echo("three")), "3 three");
  t.is(client.at, portOf(sites, "a"));
  await door.group.leave();
  await t.throwsAsync(sites.settled(client.echo("four")), { message: "TRANSIENT COMPLETED_NO" });
  t.is(door.sentCount, 0);
  client.close();
});

test("clients of other ORBs: a request that comes back after a forward is not executed again", async (t) => {
  const sites = new Sites(t, { style: "active" });
  await sites.found();
  const client = clientOf(sites, "a", OTHER);
  t.is(await sites.settled(client.echo("one")), "1 one");
  await sites.migrate("b");
  // A member that serves keeps such a client: only one that leaves sends it away.
  t.is(await sites.settled(client.echo("two")), "2 two");
  t.is(client.at, portOf(sites, "a"));
  sites.get("a").door.sendAway();
  t.is(await sites.settled(client.echo("three")), "3 three");
  t.is(client.at, portOf(sites, "b"));
  // The place it was sent to dies with the request; the client sends it again to where it came from.
  const lost = client.echo("slowly lost");
  void lost.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  await sites.kill("b");
  await t.throwsAsync(sites.settled(lost), {
    instanceOf: Raised,
    message: "COMM_FAILURE COMPLETED_MAYBE",
  });
  sites.clock.advanceMs(100);
  await sites.until(() => sites.primary !== undefined);
  t.regex(await sites.settled(client.echo("next")), /^\d next$/);
  const said = sites.primary?.ledger.said ?? [];
  t.is(said.filter((text) => text === "slowly lost").length <= 1, true);
  client.close();
});

test("who has no majority sends clients to those who may have it, once, and then tells them TRANSIENT", async (t) => {
  const sites = new Sites(t, { style: "active" });
  await sites.found();
  const client = clientOf(sites, "a", OMNIORB);
  const other = clientOf(sites, "a", EARLY);
  t.is(await sites.settled(client.echo("one")), "1 one");
  t.is(await sites.settled(other.echo("two")), "2 two");
  sites.network.cut("a");
  await sites.until(() => sites.get("b").door.group.standing.at === "primary");
  t.is(await sites.settled(client.echo("three")), "3 three");
  t.is(client.at, portOf(sites, "b"));
  await t.throwsAsync(sites.settled(other.echo("four")), { message: "TRANSIENT COMPLETED_NO" });
  client.close();
  other.close();
});
