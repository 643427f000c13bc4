import { connect } from "node:net";
import { once } from "node:events";
import test from "ava";
import { type ORB, ORB_init, dynamicCall, tc } from "../../../orb/index.ts";
import { P3 } from "../../../services/p3-wire/index.ts";
import { HOST, joined, keptLog, portsOf, until } from "./support.ts";

const STRANGER = { id: "stranger", address: `${HOST}:1,2,3` };

/** An ORB that only calls. */
async function caller(): Promise<ORB> {
  return await ORB_init([], { config: { orb: { listen: [] } } });
}

function present<T>(there: T | null): T {
  if (there === null) throw new Error("nil");
  return there;
}

async function membershipAt(orb: ORB, port: number | undefined): Promise<P3.Membership> {
  const there = await orb.string_to_object(`corbaloc:iiop:1.2@${HOST}:${port}/P3m`);
  return P3.Membership.uncheckedNarrow(present(there));
}

/** Sends octets, and waits for the other side to hang up. */
async function spit(port: number, octets: Uint8Array): Promise<void> {
  const socket = connect(port, HOST);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(octets);
  socket.resume();
  await once(socket, "close");
}

test("octets that are no GIOP break their own connection, and nothing else", async (t) => {
  const { logger, lines } = keptLog();
  await using peer = await joined({ logger });
  for (const port of portsOf(peer)) await spit(port, Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  t.true(await until(() => lines.filter(isBreach).length === 3));
  await using other = await joined({ seeds: [`${HOST}:${portsOf(peer)[0]}`] });
  t.like(other.overlay.membership.standing(), { at: "member", coordinator: { id: peer.ref.id } });
});

function isBreach({ message }: { readonly message: string }): boolean {
  return message.startsWith("a client broke the protocol");
}

test("an operation that there is not is answered so, and a message that cannot be read is in the log", async (t) => {
  const { logger, lines } = keptLog();
  await using peer = await joined({ logger });
  await using orb = await caller();
  const membership = await membershipAt(orb, portsOf(peer)[0]);
  const error = await t.throwsAsync(dynamicCall(membership, "overthrow"));
  t.regex(String(error), /BAD_OPERATION/);

  await dynamicCall(membership, "rebind", { args: [[tc.octet, 1]], oneway: true });
  t.true(await until(() => lines.some(({ fields }) => fields["reason"] === "corrupt message")));
  t.is(peer.overlay.membership.cell().length, 1);
});

test("who names another peer than before, or another address than its own, is refused with that reason", async (t) => {
  const { logger, lines } = keptLog();
  await using peer = await joined({ logger });
  const reasons = (): readonly string[] =>
    lines.flatMap(({ message, fields }) =>
      message === "messages are refused" ? [String(fields["reason"])] : [],
    );
  {
    await using orb = await caller();
    const membership = await membershipAt(orb, portsOf(peer)[0]);
    await membership.stray(STRANGER);
    await membership.stray({ ...STRANGER, id: "another" });
    t.true(await until(() => reasons().length === 1));
    t.is(reasons()[0], `wrong sender: the connection is that of stranger at ${STRANGER.address}`);
  }
  {
    await using orb = await caller();
    const membership = await membershipAt(orb, portsOf(peer)[0]);
    await membership.stray({ id: "stranger", address: "192.0.2.7:1,2,3" });
    t.true(await until(() => reasons().length === 2));
    t.is(reasons()[1], `wrong sender: it says to be at 192.0.2.7, and comes from ${HOST}`);
  }
});

test("what comes to the discovery is looked at in the same way, as it is read", async (t) => {
  const { logger, lines } = keptLog();
  await using peer = await joined({ logger });
  const heard: string[] = [];
  peer.carrier("test").onReceive(({ id }, octets) => heard.push(`${id} ${octets.join()}`));
  const reasons = (): readonly unknown[] =>
    lines.flatMap(({ fields }) => ("reason" in fields ? [fields["reason"]] : []));
  const at = `corbaloc:iiop:1.2@${HOST}:${portsOf(peer)[1]}/P3d`;
  {
    await using orb = await caller();
    const discovery = P3.Discovery.uncheckedNarrow(present(await orb.string_to_object(at)));
    await discovery.carry(STRANGER, "test", Uint8Array.of(1, 2));
    await discovery.carry({ ...STRANGER, id: "another" }, "test", Uint8Array.of(3));
    t.true(await until(() => reasons().length === 1));
    t.is(reasons()[0], `wrong sender: the connection is that of stranger at ${STRANGER.address}`);
    await discovery.carry(STRANGER, "test", Uint8Array.of(4));
    t.true(await until(() => heard.length === 2));
  }
  t.deepEqual(heard, ["stranger 1,2", "stranger 4"]);
  await using orb = await caller();
  const discovery = P3.Discovery.uncheckedNarrow(present(await orb.string_to_object(at)));
  await dynamicCall(discovery, "ask", { args: [[tc.octet, 1]], oneway: true });
  t.true(await until(() => reasons().length === 2));
  t.is(reasons()[1], "corrupt message");
  t.true(await discovery._is_a(P3.Discovery.repositoryId));
  t.regex(String(await t.throwsAsync(dynamicCall(discovery, "overthrow"))), /BAD_OPERATION/);
});

test("a peer of another version is refused, and hears why", async (t) => {
  const { logger, lines } = keptLog();
  await using peer = await joined({ logger });
  await using orb = await caller();
  const membership = await membershipAt(orb, portsOf(peer)[0]);
  const rank = { isRoot: false, voterCount: 0, peerCount: 0, id: "stranger" };
  await membership.where(STRANGER, {
    quest: 7,
    version: 99,
    joiner: "peer",
    role: "superpeer",
    height: 0,
    rank,
  });
  const isSaid = await until(() => lines.some(({ fields }) => fields["reason"] === "version"));
  t.true(isSaid, JSON.stringify(lines));
});
