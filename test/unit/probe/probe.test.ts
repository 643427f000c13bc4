import { createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import test from "ava";
import { CosNaming } from "../../../idl/index.ts";
import { encapsulate } from "../../../orb/cdr/index.ts";
import {
  DynamicImplementation,
  type ServerRequest,
  describeReference,
} from "../../../orb/index.ts";
import { type Network, probeReference, systemNetwork } from "../../../services/probe/index.ts";
import { startNaming } from "../../../services/naming/index.ts";
import {
  blackHole,
  closedPort,
  faulty,
  listening,
  OUTER,
  probed,
  referenceTo,
  served,
  TIMEOUT_MS,
} from "./staged.ts";

// The faults are staged with real sockets. What other machines see is staged by this machine's outer address.
const HERE = OUTER ?? "127.0.0.1";
const outer = OUTER === undefined ? test.skip : test;
const MESSAGE_ERROR = Buffer.from("47494f500100000600000000", "hex");

test("an object that answers is reached, its _is_a asked for", async (t) => {
  const orb = await served(t, "127.0.0.1");
  await using naming = await startNaming({ orb });
  const { probe, first } = await probed(orb.object_to_string(naming.root));
  t.true(probe.isReached);
  t.is(first.finding.code, "reached");
  t.deepEqual(
    first.notes.map(({ code }) => code),
    ["loopback"],
  );
});

test("a plain key is reached through _non_existent", async (t) => {
  const orb = await served(t, "127.0.0.1");
  await using naming = await startNaming({ orb });
  const port = orb.endpoints[0]?.port;
  t.truthy(naming.root);
  for (const version of ["1.0", "1.1", "1.2"]) {
    const { first } = await probed(`corbaloc:iiop:${version}@127.0.0.1:${port}/NameService`);
    t.is(first.finding.code, "reached", version);
  }
});

test("staged: 0.0.0.0", async (t) => {
  await faulty(
    t,
    referenceTo("0.0.0.0", 2809),
    "wildcard",
    /0\.0\.0\.0: that is where a server listens/,
  );
  await faulty(t, referenceTo("::", 2809), "wildcard", /:: *:/);
});

test("staged: loopback seen from outside", async (t) => {
  const port = await closedPort("127.0.0.1");
  const { finding } = await faulty(
    t,
    referenceTo("127.0.0.1", port),
    "loopback",
    /127\.0\.0\.1, which on every machine means that machine itself/,
  );
  t.regex(finding.mend, /publish = /);
  await faulty(t, referenceTo("localhost", port), "loopback", /localhost/);
});

outer("staged: closed port", async (t) => {
  const port = await closedPort(HERE);
  const { finding } = await faulty(
    t,
    referenceTo(HERE, port),
    "closedPort",
    /nothing listens at its port/,
  );
  t.regex(finding.mend, /Start the server/);
});

outer("staged: black hole", async (t) => {
  const port = await blackHole(t, HERE);
  const started = performance.now();
  await faulty(t, referenceTo(HERE, port), "blackHole", /Nothing at all comes back/);
  t.true(performance.now() - started < 20 * TIMEOUT_MS, "the time is bounded");
});

test("staged: name not found", async (t) => {
  await faulty(
    t,
    referenceTo("no-such-host.invalid", 2809),
    "nameNotFound",
    /no-such-host\.invalid/,
  );
});

test("staged: IPv6 only, and this machine has none", async (t) => {
  const network: Network = {
    ...systemNetwork,
    lookup: () => Promise.resolve(["2001:db8::1"]),
    hasIpv6: () => false,
  };
  const first = await faulty(
    t,
    referenceTo("six.example", 2809),
    "ipv6Only",
    /by IPv6 only/,
    network,
  );
  t.is(first.steps[0], "six.example is 2001:db8::1");
});

test("a server that listens at one of a name's two addresses only is reached, with a note", async (t) => {
  const orb = await served(t, "[::1]");
  await using naming = await startNaming({ orb });
  t.truthy(naming.root);
  const network: Network = {
    ...systemNetwork,
    lookup: () => Promise.resolve(["127.0.0.1", "::1"]),
  };
  const port = orb.endpoints[0]?.port ?? 0;
  const { first } = await probed(`corbaloc:iiop:1.2@both.example:${port}/NameService`, network);
  t.is(first.finding.code, "reached");
  t.regex(first.notes[0]?.what ?? "", /answers at ::1 only, not at 127\.0\.0\.1/);
});

test("staged: wrong GIOP version", async (t) => {
  // Of 1.2 and 1.1 it wants to know nothing; for 1.0 it has a LocateReply: OBJECT_HERE.
  const port = await listening(t, "127.0.0.1", (socket) => {
    socket.on("data", (octets) => {
      const reply = Buffer.from("47494f500100010408000000" + "0200000001000000", "hex");
      socket.end((octets as Buffer)[5] === 0 ? reply : MESSAGE_ERROR);
    });
  });
  await faulty(t, referenceTo("127.0.0.1", port), "wrongVersion", /says IIOP 1\.2, .* speaks 1\.0/);
  const none = await listening(t, "127.0.0.1", (socket) => {
    socket.on("data", () => socket.end(MESSAGE_ERROR));
  });
  await faulty(
    t,
    referenceTo("127.0.0.1", none),
    "wrongVersion",
    /refuses GIOP 1\.0, 1\.1 and 1\.2/,
  );
});

test("staged: object gone", async (t) => {
  const orb = await served(t, "127.0.0.1");
  const naming = await startNaming({ orb });
  const reference = orb.object_to_string(naming.root);
  await naming[Symbol.asyncDispose]();
  const { finding } = await faulty(t, reference, "objectGone", /does not know the object/);
  t.regex(finding.mend, /PERSISTENT and USER_ID/);
});

/** Answers nothing of its own. */
class Anything extends DynamicImplementation {
  _primary_interface(): string {
    return "IDL:Staged/Thing:1.0";
  }
  invoke(request: ServerRequest): void {
    request.arguments(new (class {})() as never);
  }
}

test("staged: a server in HOLDING", async (t) => {
  const orb = await served(t, "127.0.0.1");
  // Its manager is never activated.
  const reference = await orb.rootPOA.activate(new Anything());
  t.is(orb.rootPOA.the_POAManager.get_state(), "HOLDING");
  const { finding, steps } = await faulty(
    t,
    orb.object_to_string(reference),
    "holding",
    /POA manager is HOLDING/,
  );
  t.regex(steps.at(-1) ?? "", /the server answers for other objects/);
  t.regex(finding.mend, /the_POAManager\.activate\(\)/);
});

test("staged: TLS only, by the reference and by the port", async (t) => {
  const server = createServer({}, () => undefined);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ssl = encapsulate((out) => out.ushort(0x66).ushort(0x60).ushort(port));
  const reference = referenceTo("127.0.0.1", 0, { components: [{ tag: 20, data: ssl }] });
  const { steps } = await faulty(
    t,
    reference,
    "tlsOnly",
    /by TLS only, at 127\.0\.0\.1:\d+: there is no plain port/,
  );
  t.regex(steps[0] ?? "", /\(TLS\): open/);
  await faulty(
    t,
    referenceTo("127.0.0.1", port),
    "tlsOnly",
    /speaks TLS, and the reference calls it plain/,
  );
});

test("a port of another protocol, one that says nothing, one that hangs up", async (t) => {
  const ssh = await listening(t, "127.0.0.1", (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
  await faulty(t, referenceTo("127.0.0.1", ssh), "notGiop", /another protocol: "SSH-2\.0-OpenSSH/);
  const silent = await listening(t, "127.0.0.1", () => undefined);
  await faulty(t, referenceTo("127.0.0.1", silent), "noAnswer", /says nothing at all/);
  const closing = await listening(t, "127.0.0.1", (socket) => socket.destroy());
  await faulty(
    t,
    referenceTo("127.0.0.1", closing),
    "closedUnanswered",
    /closes it without an answer/,
  );
});

test("no port at all; no profile of TCP at all", async (t) => {
  await faulty(t, referenceTo("127.0.0.1", 0), "noPort", /gives no port/);
  const probe = await probeReference({ typeId: "", profiles: [] });
  t.deepEqual([probe.isReached, probe.addresses], [false, []]);
});

test("a reference to another type is told", async (t) => {
  const orb = await served(t, "127.0.0.1");
  await using naming = await startNaming({ orb });
  const port = orb.endpoints[0]?.port ?? 0;
  t.truthy(naming.root);
  await faulty(
    t,
    referenceTo("127.0.0.1", port, { key: "NameService" }),
    "wrongType",
    /is no IDL:Staged\/Thing:1\.0/,
  );
});

test("where a server sends its clients on, the other reference is tried, too", async (t) => {
  const far = await served(t, "127.0.0.1");
  await using naming = await startNaming({ orb: far });
  const near = await served(t, "127.0.0.1");
  const foreign = await near.string_to_object(far.object_to_string(naming.root));
  if (foreign === null) throw new TypeError("the reference is not nil");
  near.bindPlainKey("Away", foreign);
  const port = near.endpoints[0]?.port ?? 0;
  const { probe, first } = await probed(`corbaloc:iiop:1.2@127.0.0.1:${port}/Away`);
  t.is(first.finding.code, "forwarded");
  t.true(probe.isReached);
  t.is(probe.forwarded?.addresses[0]?.finding.code, "reached");
});

test("every address of a reference is tried, the alternate ones too", async (t) => {
  const orb = await served(t, "127.0.0.1");
  await using naming = await startNaming({ orb });
  t.truthy(await CosNaming.NamingContext.narrow(naming.root));
  const port = orb.endpoints[0]?.port ?? 0;
  const closed = await closedPort("127.0.0.1");
  const { probe } = await probed(
    `corbaloc:iiop:1.2@127.0.0.1:${closed},iiop:1.2@127.0.0.1:${port}/NameService`,
  );
  t.true(probe.isReached);
  t.deepEqual(
    probe.addresses.map(({ finding }) => finding.code),
    ["loopback", "reached"],
  );
  const alternate = encapsulate((out) => out.string("127.0.0.1").ushort(port));
  const reference = referenceTo("127.0.0.1", closed, {
    key: "NameService",
    typeId: "IDL:omg.org/CosNaming/NamingContext:1.0",
    components: [{ tag: 3, data: alternate }],
  });
  const second = await probed(reference);
  t.deepEqual(
    second.probe.addresses.map(({ from, finding }) => [from, finding.code]),
    [
      ["profile 1", "loopback"],
      ["profile 1, TAG_ALTERNATE_IIOP_ADDRESS", "reached"],
    ],
  );
});

test("a probe that is given up ends at once", async (t) => {
  const silent = await listening(t, "127.0.0.1", () => undefined);
  const stop = new AbortController();
  const probe = probeReference(describeReference(referenceTo("127.0.0.1", silent)), {
    timeoutMs: 60_000,
    signal: stop.signal,
  });
  stop.abort(new Error("enough"));
  await t.throwsAsync(probe, { message: "enough" });
});
