import { networkInterfaces } from "node:os";
import test from "ava";
import fc from "fast-check";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { Channel, Transport } from "../../../orb/transport/index.ts";
import { type Candidate, complies, Ear, giop, NEVER, pairOf, socketPath } from "./suite.ts";

/** The reactor of this thread; the addon must be built, `npm run build:native` does it. */
function reactor(): Transport {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor() satisfies Transport;
}

const TCP: Candidate = {
  transport: reactor,
  place: async () => ({ host: "127.0.0.1", port: 0 }),
  sockets: "tcp",
};
complies(test, "reactor, TCP", TCP);

complies(test, "reactor, UNIX", {
  transport: reactor,
  place: async (t) => ({ host: "", port: 0, path: await socketPath(t) }),
  sockets: "unix",
});

test("messages up to the bound come whole, however they are cut; larger ones at once", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.nat(200), fc.nat(16_372), fc.integer({ min: 16_373, max: 60_000 })), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 6 }),
      async (bodies, cuts) => {
        const { client, server } = await pairOf(t, TCP);
        const ear = new Ear(server);
        new Ear(client);
        const octets = Buffer.concat(bodies.map((body, n) => giop(body, n % 2 === 0, n)));
        for (let at = 0, n = 0; at < octets.length; n++) {
          const cut = cuts[n % cuts.length] ?? 1;
          client.send(octets.subarray(at, at + cut));
          at += cut;
          await new Promise((resolve) => setImmediate(resolve));
        }
        await ear.heard(octets.length);
        // Where a small message may not be cut.
        const inside = new Set<number>();
        let at = 0;
        for (const body of bodies) {
          if (body + 12 <= 16_384) for (let n = 1; n < body + 12; n++) inside.add(at + n);
          at += body + 12;
        }
        let end = 0;
        for (const chunk of ear.chunks) {
          end += chunk.length;
          t.false(inside.has(end), `a small message is cut at ${end}`);
        }
        client.destroy();
        server.destroy();
      },
    ),
    { numRuns: 15 },
  );
});

test("what is sent in one turn is one write, in its order", async (t) => {
  const { client, server } = await pairOf(t, TCP);
  const ear = new Ear(server);
  new Ear(client);
  const sent = Array.from({ length: 100 }, (_, n) => giop(n, true, n));
  const all = Buffer.concat(sent);
  for (const message of sent) {
    client.send(message);
    // It was copied: the array is the sender's again.
    message.fill(0);
  }
  // They leave when the turn ends: nothing has been refused by the system.
  t.is(client.queuedOctets, 0);
  await ear.heard(all.length);
  t.true(ear.all.equals(all));
  t.is(ear.chunks.length, 1);
});

test("the peer at a UNIX-domain socket is known by its credentials", async (t) => {
  const place = { host: "", port: 0, path: await socketPath(t) };
  const { client, server } = await pairOf(t, { ...TCP, place: async () => place });
  const mine = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
  t.deepEqual({ ...client.credentials }, mine);
  t.deepEqual({ ...server.credentials }, mine);
  const tcp = await pairOf(t, TCP);
  t.is(tcp.server.credentials, undefined);
  for (const channel of [client, server, tcp.client, tcp.server]) new Ear(channel);
});

test("listeners that say so share a port, and the system spreads connections over them", async (t) => {
  const counts = [0, 0];
  const listen = (n: number, port: number) =>
    reactor().listen({ host: "127.0.0.1", port, reusePort: true }, (channel) => {
      counts[n] = (counts[n] ?? 0) + 1;
      new Ear(channel, (chunk) => channel.send(chunk));
    });
  const first = await listen(0, 0);
  const second = await listen(1, first.endpoint.port);
  for (let n = 0; n < 40; n++) {
    const channel = await reactor().connect(first.endpoint, NEVER);
    const ear = new Ear(channel);
    channel.send(giop(0, true, 0));
    await ear.heard(12);
    channel.end();
    await ear.closed;
  }
  t.is((counts[0] ?? 0) + (counts[1] ?? 0), 40);
  t.true((counts[0] ?? 0) > 0 && (counts[1] ?? 0) > 0);
  await Promise.all([first.close(), second.close()]);
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family }) => family === "IPv6"),
);

(hasIpv6 ? test : test.skip)("`::` stands for IPv4, too, unless it is told not to", async (t) => {
  const refuse = (channel: Channel): void => channel.destroy();
  const both = await reactor().listen({ host: "::", port: 0 }, refuse);
  const { port } = both.endpoint;
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    const channel = await reactor().connect({ host, port }, NEVER);
    t.is(channel.peer, `${host}:${port}`);
    await new Ear(channel).closed;
  }
  await both.close();
  const only = await reactor().listen({ host: "::", port: 0, ipv6Only: true }, refuse);
  const there = await reactor().connect({ host: "::1", port: only.endpoint.port }, NEVER);
  await new Ear(there).closed;
  await t.throwsAsync(reactor().connect({ host: "127.0.0.1", port: only.endpoint.port }, NEVER), {
    code: "ECONNREFUSED",
    message: /127\.0\.0\.1:\d+: connect says ECONNREFUSED/,
  });
  await only.close();
});

test("a name that stands for nothing, and a path too long, are the errors they are", async (t) => {
  await t.throwsAsync(reactor().connect({ host: "no.such.host.invalid", port: 1 }, NEVER), {
    message: /ENOTFOUND|EAI_AGAIN/,
  });
  const path = `/${"x".repeat(120)}`;
  await t.throwsAsync(reactor().connect({ host: "", port: 0, path }, NEVER), {
    code: "ENAMETOOLONG",
  });
});
