// `orbweaver ior` on references of omniORB's servers, and its probe of what becomes of them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { iiopProfilesOf, iorFromString } from "../../../orb/ior/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { type Ran, ran } from "../../support/ran.ts";
import { type Server, startCppServer, startServer } from "../cpp-peers.ts";
import { startOmniNames } from "../naming-peers.ts";
import { declareCheck } from "../results.ts";

const peers = await findPeers();

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`cli/ior.${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

function placeOf(server: Server): string {
  const [profile] = iiopProfilesOf(iorFromString(server.ior));
  return `${profile?.host}:${profile?.port}`;
}

const probe = (reference: string): Promise<Ran> =>
  ran(["ior", "--probe", "--timeout", "1", reference]);

declare("text", async (t, found) => {
  await using server = await startCppServer(found);
  const { code, out } = await ran(["ior", server.ior]);
  t.is(code, 0);
  t.is(out[0], "type IDL:test.orbweaver/Interop/Root:1.0");
  t.true(out.includes(`  IIOP 1.2 at ${placeOf(server)}`));
  t.true(
    out.some((line) => /TAG_ORB_TYPE \(0\): orb: omniORB/.test(line)),
    out.join("\n"),
  );
});

declare("probe.reached", async (t, found) => {
  await using server = await startCppServer(found);
  const { code, out } = await probe(server.ior);
  t.is(code, 0, out.join("\n"));
  t.is(out.at(-1), "the object is reached");
  for (const version of ["1.0", "1.1", "1.2"]) {
    const byKey = await probe(`corbaloc:iiop:${version}@${placeOf(server)}/interop`);
    t.is(byKey.code, 0, byKey.out.join("\n"));
  }
});

declare("probe.object_gone", async (t, found) => {
  await using server = await startCppServer(found);
  const { code, out } = await probe(`corbaloc::${placeOf(server)}/nobody`);
  t.is(code, 1);
  t.true(
    out.some((line) => line.startsWith("  fault objectGone: ")),
    out.join("\n"),
  );
});

declare("probe.stopped_server", async (t, found) => {
  await using server = await startCppServer(found);
  t.is((await probe(server.ior)).code, 0);
  server.process.kill("SIGSTOP");
  const { code, out } = await probe(server.ior);
  server.process.kill("SIGCONT");
  t.is(code, 1);
  t.true(
    out.some((line) => line.startsWith("  fault noAnswer: ")),
    out.join("\n"),
  );
});

declare("probe.ended_server", async (t, found) => {
  const server = await startCppServer(found);
  await server[Symbol.asyncDispose]();
  const { code, out } = await probe(server.ior);
  t.is(code, 1);
  t.true(
    out.some((line) => line.startsWith("  fault loopback: ")),
    out.join("\n"),
  );
});

declare("probe.unix", async (t, found) => {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-cli-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "theirs");
  const server = await startServer(found.server, ["-ORBendPoint", `giop:unix:${path}`]);
  try {
    const { code, out } = await probe(server.ior);
    t.is(code, 0, out.join("\n"));
    t.true(out.includes(`  reached: The object answers at unix:${path}.`), out.join("\n"));
    // Nobody takes the file away of a server that was killed.
    server.process.kill("SIGKILL");
  } finally {
    await server[Symbol.asyncDispose]();
  }
  const { code, out } = await probe(server.ior);
  t.is(code, 1);
  t.true(
    out.some((line) => line.startsWith("  fault staleSocket: ")),
    out.join("\n"),
  );
});

declare("corbaname", async (t, found) => {
  await using naming = await startOmniNames();
  const reference = ["-ORBInitRef", `NameService=${naming.corbaloc}`];
  await using server = await startCppServer(found, [...reference, "--name", "interop.root"]);
  const { code, out } = await ran(["ior", `corbaname::127.0.0.1:${naming.port}#interop.root`]);
  t.is(code, 0, out.join("\n"));
  t.true(out.includes(`  IIOP 1.2 at ${placeOf(server)}`));
  const nobody = await ran(["ior", `corbaname::127.0.0.1:${naming.port}#nobody`]);
  t.is(nobody.code, 1);
  t.regex(nobody.err[0] ?? "", /^not resolved: /);
});
