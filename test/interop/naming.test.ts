// Naming services: omniORB's clients and tools with ours, our client with omniNames, and the protocol of before CosNaming.
import { once } from "node:events";
import { connect } from "node:net";
import type { ExecutionContext } from "ava";
import { CdrInput, CdrOutput } from "../../orb/cdr/index.ts";
import { ORB_init } from "../../orb/index.ts";
import { iorToString, readIor } from "../../orb/ior/index.ts";
import { findPeers } from "../support/omniorb.ts";
import { NamingCompany } from "../support/names/index.ts";
import { type Finished, runToEnd } from "../support/process.ts";
import { runChecks } from "./checks/all.ts";
import { given } from "./checks/check.ts";
import { namingChecks } from "./checks/naming.ts";
import { runCppClient, type Server, startCppServer } from "./cpp-peers.ts";
import * as Interop from "./gen/Interop.ts";
import { type NamingServer, startOmniNames, startOurNaming } from "./naming-peers.ts";
import { declareCheck, declareGroup, type Outcomes } from "./results.ts";
import { startTsServer } from "./ts-peers.ts";

const peers = await findPeers();
const hasPeers = peers !== undefined;

const initRef = (url: string): readonly string[] => ["-ORBInitRef", `NameService=${url}`];

// omniORB's client with our naming service, by both ways to it.
for (const [group, way] of [
  ["naming/omniorb-client", "corbaloc"],
  ["naming/omniorb-client-ior", "ior"],
] as const) {
  declareGroup(
    group,
    peers &&
      (async (names) => {
        await using naming = await startOurNaming();
        const reference = initRef(naming[way]);
        await using server = await startCppServer(peers, [...reference, "--name", "interop.root"]);
        void server;
        return await runCppClient(peers, "corbaname:rir:#interop.root", names, reference);
      }),
  );
}

/** Our client with some naming service and some server that is bound there. */
async function runOurClient(
  names: readonly string[],
  startNaming: () => Promise<NamingServer>,
  startServer: (args: readonly string[]) => Promise<Server>,
): Promise<Outcomes> {
  await using naming = await startNaming();
  const reference = initRef(naming.corbaloc);
  await using server = await startServer([...reference, "--name", "interop.root"]);
  void server;
  await using orb = await ORB_init(reference);
  const object = await orb.string_to_object(`corbaname::127.0.0.1:${naming.port}#interop.root`);
  const root = given(await Interop.Root.narrow(object));
  return await runChecks(namingChecks, { orb, root }, names);
}
declareGroup(
  "naming/omninames",
  peers && ((names) => runOurClient(names, startOmniNames, (args) => startCppServer(peers, args))),
);
declareGroup(
  "naming/omninames-ts-server",
  peers && ((names) => runOurClient(names, startOmniNames, startTsServer)),
);
declareGroup("naming/ours", (names) => runOurClient(names, startOurNaming, startTsServer));

/** Runs omniORB's tool against our naming service. */
async function nameclt(naming: NamingServer, ...args: readonly string[]): Promise<Finished> {
  return await runToEnd("nameclt", [...initRef(naming.corbaloc), ...args]);
}

async function expectLines(
  t: ExecutionContext,
  run: Promise<Finished>,
  lines: readonly string[],
): Promise<void> {
  const { code, output, errors } = await run;
  t.is(code, 0, errors);
  t.deepEqual(
    output.split("\n").filter((line) => line !== ""),
    lines,
  );
}

declareCheck("naming/nameclt/contexts", hasPeers, async (t) => {
  await using naming = await startOurNaming();
  const made = await nameclt(naming, "bind_new_context", "ctx.kind");
  t.regex(made.output, /^IOR:[0-9a-f]+\n$/);
  await expectLines(t, nameclt(naming, "list"), ["ctx.kind/"]);
  await expectLines(t, nameclt(naming, "list", "ctx.kind"), []);
  const again = await nameclt(naming, "bind_new_context", "ctx.kind");
  t.regex(again.errors, /AlreadyBound/);
  const other = (await nameclt(naming, "-advanced", "new_context")).output.trim();
  await expectLines(t, nameclt(naming, "-advanced", "bind_context", "ctx.kind/other", other), []);
  await expectLines(t, nameclt(naming, "list", "ctx.kind"), ["other/"]);
  t.regex((await nameclt(naming, "remove_context", "ctx.kind")).errors, /NotEmpty/);
  await expectLines(t, nameclt(naming, "remove_context", "ctx.kind/other"), []);
  await expectLines(t, nameclt(naming, "remove_context", "ctx.kind"), []);
  await expectLines(t, nameclt(naming, "list"), []);
});
declareCheck("naming/nameclt/objects", hasPeers, async (t) => {
  await using naming = await startOurNaming();
  await expectLines(t, nameclt(naming, "bind", "obj.kind", naming.ior), []);
  await expectLines(t, nameclt(naming, "resolve", "obj.kind"), [naming.ior]);
  t.regex((await nameclt(naming, "bind", "obj.kind", naming.ior)).errors, /AlreadyBound/);
  await expectLines(t, nameclt(naming, "-advanced", "rebind", "obj.kind", naming.ior), []);
  t.regex((await nameclt(naming, "resolve", "nothing")).errors, /NotFound exception: missing node/);
  t.regex(
    (await nameclt(naming, "resolve", "obj.kind/x")).errors,
    /NotFound exception: not context/,
  );
  await expectLines(t, nameclt(naming, "unbind", "obj.kind"), []);
  await expectLines(t, nameclt(naming, "list"), []);
});

declareCheck("naming/catior/naming", hasPeers, async (t) => {
  await using naming = await startOurNaming();
  const { code, output } = await runToEnd("catior", [naming.ior]);
  t.is(code, 0);
  t.true(output.includes('Type ID: "IDL:omg.org/CosNaming/NamingContextExt:1.0"'), output);
  t.true(output.includes(`IIOP 1.2 127.0.0.1 ${naming.port}`), output);
  t.regex(output, /char native code set: +UTF-8\n +char conversion code sets: +ISO-8859-1/);
  t.regex(output, /wchar native code set: +UTF-16/);
});
declareCheck("naming/catior/server", hasPeers, async (t) => {
  await using server = await startTsServer();
  const { code, output } = await runToEnd("catior", [server.ior]);
  t.is(code, 0);
  t.true(output.includes('Type ID: "IDL:test.orbweaver/Interop/Root:1.0"'), output);
});

/** Sends one message and reads one. */
async function exchange(port: number, message: Uint8Array): Promise<Buffer> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write(message);
    let received = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy(new Error("no whole reply within 10 s")));
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      if (received.length < 12) continue;
      const size = received[6] === 0 ? received.readUInt32BE(8) : received.readUInt32LE(8);
      if (received.length >= 12 + size) return received;
    }
    throw new Error(`the connection ended after ${received.length} octets`);
  } finally {
    socket.destroy();
  }
}

/** A request as Java's ORB sends it before it knows anything: GIOP 1.0, big endian, object key "INIT". */
function bootstrapRequest(operation: string, argument?: string): Uint8Array {
  const out = new CdrOutput({ littleEndian: false, giopMinor: 0 });
  // "GIOP" 1.0, big endian, Request; the size follows when it is known.
  out.octets(Buffer.from("47494f5001000000", "hex")).ulong(0);
  out.ulong(0).ulong(5).boolean(true).octetSequence(Buffer.from("INIT")).string(operation).ulong(0);
  if (argument !== undefined) out.string(argument);
  out.patchUlong(8, out.position - 12);
  return out.finish();
}

/** The body of a GIOP 1.0 reply to request 5 without an exception. */
function bootstrapReply(t: ExecutionContext, reply: Buffer): CdrInput {
  t.is(reply.subarray(0, 6).toString("latin1"), "GIOP\x01\x00");
  t.is(reply[7], 1, "Reply");
  const littleEndian = reply[6] === 1;
  const input = new CdrInput(reply, { littleEndian, giopMinor: 0, position: 12 });
  t.is(input.ulong(), 0, "service contexts");
  t.is(input.ulong(), 5, "request id");
  t.is(input.ulong(), 0, "NO_EXCEPTION");
  return input;
}

declareCheck("naming/bootstrap/get", true, async (t) => {
  await using naming = await startOurNaming();
  const reply = await exchange(naming.port, bootstrapRequest("get", "NameService"));
  const ior = iorToString(readIor(bootstrapReply(t, reply)));
  await using orb = await ORB_init(initRef(ior));
  const context = await orb.resolve_initial_references("NameService");
  t.true(await context._is_a("IDL:omg.org/CosNaming/NamingContextExt:1.0"));
});
declareCheck("naming/bootstrap/list", true, async (t) => {
  await using naming = await startOurNaming();
  const input = bootstrapReply(t, await exchange(naming.port, bootstrapRequest("list")));
  const names = Array.from({ length: input.sequenceLength(5) }, () => input.string());
  t.true(names.includes("NameService"), names.join());
});
declareCheck("naming/bootstrap/omniorb", hasPeers, async (t) => {
  if (peers === undefined) return;
  // omniORB asks an INIT object, too, when it is told of no other way.
  await using naming = await startOurNaming();
  await using server = await startCppServer(peers);
  const agent = ["-ORBbootstrapAgentHostname", "127.0.0.1", "-ORBbootstrapAgentPort"];
  const outcomes = await runCppClient(
    peers,
    server.ior,
    ["naming.root", "naming.bind"],
    [...agent, String(naming.port)],
  );
  t.deepEqual(Object.fromEntries(outcomes), { "naming.root": undefined, "naming.bind": undefined });
});

// omniORB's tool, unchanged, over names that four peers keep together: the one it names first dies.
declareCheck("naming/peers/two_addresses", hasPeers, async (t) => {
  await using company = await NamingCompany.start();
  const reference = initRef(company.corbaloc(["a", "d"]));
  const tool = (...args: readonly string[]): Promise<Finished> =>
    runToEnd("nameclt", [...reference, ...args]);
  const ior = company.peer("d").orb.object_to_string(company.peer("d").naming.root);
  t.is((await tool("bind_new_context", "lines")).code, 0);
  await expectLines(t, tool("bind", "lines/yellow", ior), []);
  await company.stop("a");
  await expectLines(t, tool("list", "lines"), ["yellow"]);
  await expectLines(t, tool("resolve", "lines/yellow"), [ior]);
  t.regex((await tool("bind", "lines/yellow", ior)).errors, /AlreadyBound/);
  await expectLines(t, tool("bind", "lines/green", ior), []);
});

declareCheck("naming/peers/kept_context", hasPeers, async (t) => {
  await using company = await NamingCompany.start();
  const ior = company.peer("d").orb.object_to_string(company.peer("d").naming.root);
  const first = initRef(company.corbaloc(["a"]));
  const context = (
    await runToEnd("nameclt", [...first, "bind_new_context", "lines"])
  ).output.trim();
  const inside = (...args: readonly string[]): Promise<Finished> =>
    runToEnd("nameclt", ["-ior", context, ...args]);
  await expectLines(t, inside("bind", "yellow", ior), []);
  // The context's reference came from this one.
  await company.stop("a");
  await expectLines(t, inside("list"), ["yellow"]);
  await expectLines(t, inside("resolve", "yellow"), [ior]);
});
