import { linkSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { unixAddressComponent } from "../../../orb/ior/index.ts";
import { describeReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { startNaming } from "../../../services/naming/index.ts";
import { type Network, probeReference, systemNetwork } from "../../../services/probe/index.ts";
import { newWebSocketTransport } from "../../../services/websocket/index.ts";
import { closedPort, faulty, probed, referenceTo, TIMEOUT_MS } from "./staged.ts";

function folder(t: ExecutionContext): string {
  const made = mkdtempSync(join(tmpdir(), "orbweaver-probe-"));
  t.teardown(() => rmSync(made, { recursive: true }));
  return made;
}

/** A reference to an object with a UNIX-domain socket and no other address. */
function referenceToSocket(path: string, host: string = hostname()): string {
  return referenceTo(host, 0, { components: [unixAddressComponent({ host, path })] });
}

test("an object at a UNIX-domain socket is reached, and goes with its server", async (t) => {
  const path = join(folder(t), "metro.sock");
  const orb = await ORB_init(["-ORBListenEndpoints", `unix://${path}`]);
  t.teardown(() => orb.destroy());
  const naming = await startNaming({ orb });
  const reference = orb.object_to_string(naming.root);
  const { probe, first } = await probed(reference);
  t.true(probe.isReached);
  t.is(probe.addresses.length, 1, "the profile's own address, which has no port, is none");
  t.is(first.finding.what, `The object answers at unix:${path}.`);
  await naming[Symbol.asyncDispose]();
  await faulty(t, reference, "objectGone", /does not know the object/);
  await orb.destroy();
  await faulty(t, reference, "noSocket", /There is no .*metro\.sock on this machine/);
});

test("staged: a UNIX-domain socket of another machine", async (t) => {
  const reference = referenceToSocket("/run/metro.sock", "elsewhere.example");
  await faulty(
    t,
    reference,
    "otherMachine",
    /one of the machine elsewhere\.example, and this one is/,
  );
});

test("staged: a UNIX-domain socket that a dead server left", async (t) => {
  const place = folder(t);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(place, "old.sock"), resolve));
  linkSync(join(place, "old.sock"), join(place, "left.sock"));
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await faulty(t, referenceToSocket(join(place, "left.sock")), "staleSocket", /no server listens/);
});

test("staged: a UNIX-domain socket that is not for us, one whose queue is full", async (t) => {
  // The rights of files do not hold for root, as whom tests may run: the system's answer is given by hand.
  const answering = (code: string): Network => ({
    ...systemNetwork,
    ask: () => Promise.resolve({ kind: "notConnected", code, text: `connect ${code}` }),
  });
  const reference = referenceToSocket("/run/metro.sock");
  await faulty(t, reference, "noAccess", /may not use .* \(EACCES\)/, answering("EACCES"));
  await faulty(t, reference, "noAnswer", /fill its queue/, answering("EAGAIN"));
  await faulty(t, reference, "unreachable", /ENAMETOOLONG/, answering("ENAMETOOLONG"));
});

/** A naming service behind WebSockets. */
async function behindWebSocket(
  t: ExecutionContext,
  path: string,
): Promise<{ readonly orb: ORB; readonly reference: string; readonly port: number }> {
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"], {
    transport: newWebSocketTransport({ path }),
  });
  t.teardown(() => orb.destroy());
  const naming = await startNaming({ orb });
  const port = orb.endpoints[0]?.port ?? 0;
  return { orb, reference: orb.object_to_string(naming.root), port };
}

test("staged: an object that is reached over WebSocket only", async (t) => {
  const { reference, port } = await behindWebSocket(t, "/giop");
  const { finding } = await faulty(t, reference, "webSocketOnly", /over WebSocket only, at ws:/);
  t.regex(finding.mend, /newWebSocketTransport/);
  const gone = referenceTo("127.0.0.1", port, { key: "no such" });
  await faulty(t, gone, "objectGone", /ws:\/\/127\.0\.0\.1:\d+\/giop .* does not know the object/);
});

test("through the URL of its entrance the object is reached, whatever its reference says", async (t) => {
  const { reference, port } = await behindWebSocket(t, "/metro/giop");
  const probe = async (url: string): Promise<readonly string[]> => {
    const found = await probeReference(describeReference(reference), {
      timeoutMs: TIMEOUT_MS,
      webSocketUrl: url,
    });
    t.is(found.addresses.length, 1);
    const [{ finding } = { finding: { code: "", what: "" } }] = found.addresses;
    return [finding.code, finding.what];
  };
  const url = `ws://127.0.0.1:${port}/metro/giop`;
  t.deepEqual(await probe(url), ["reached", `The object answers at ${url}.`]);
  const [wrongPath = "", why = ""] = await probe(`ws://127.0.0.1:${port}/giop`);
  t.is(wrongPath, "noEntrance");
  t.regex(why, /lets no client in: Unexpected server response: 400/);
  const [closed = "", whyClosed = ""] = await probe(
    `ws://127.0.0.1:${await closedPort("127.0.0.1")}/`,
  );
  t.is(closed, "noEntrance");
  t.regex(whyClosed, /ECONNREFUSED/);
});

test("staged: a web server that has no GIOP", async (t) => {
  const web = createHttpServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  t.teardown(() => web.close());
  const address = web.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await faulty(
    t,
    referenceTo("127.0.0.1", port),
    "notGiop",
    /A web server is at .*lets no client in to GIOP over WebSocket at ws:.*\/giop \(Unexpected server response: 404\)/,
  );
});
