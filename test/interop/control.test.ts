// omniORB's client with omniORB's own server: what fails here is wrong with the checks or the peers, not with us.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { checkNames, findPeers } from "../support/omniorb.ts";
import { TestProcess } from "../support/process.ts";
import { listCppChecks, runCppClient, startCppServer } from "./cpp-peers.ts";
import { declareGroup, type RunChecks } from "./results.ts";

const peers = await findPeers();

for (const version of ["1.2", "1.1", "1.0"]) {
  const options = ["-ORBmaxGIOPVersion", version];
  const run: RunChecks | undefined =
    peers &&
    (async (names) => {
      await using server = await startCppServer(peers, options);
      return await runCppClient(peers, server.ior, names, options);
    });
  declareGroup(`control/giop-${version}`, run);
}

const runNaming: RunChecks | undefined =
  peers &&
  (async (names) => {
    const folder = await mkdtemp(join(tmpdir(), "interop-names-"));
    try {
      await using service = new TestProcess("omniNames", [
        "-start",
        "-datadir",
        folder,
        "-ORBendPoint",
        "giop:tcp:127.0.0.1:",
      ]);
      const [, context = ""] = await service.match(
        /Root context is (IOR:\w+)/,
        undefined,
        "errors",
      );
      const reference = ["-ORBInitRef", `NameService=${context}`];
      await using server = await startCppServer(peers, [...reference, "--name", "interop.root"]);
      void server;
      return await runCppClient(peers, "corbaname:rir:#interop.root", names, reference);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
declareGroup("control/naming", runNaming);

if (peers !== undefined)
  test("checks.txt names every check of the omniORB client in the control groups", async (t) => {
    const named = checkNames().filter((name) => name.startsWith("control/"));
    const known = new Set(named.map((name) => name.split("/").slice(2).join("/")));
    const unnamed = (await listCppChecks(peers)).filter((name) => !known.has(name));
    // A char beyond ASCII is never refused here: both sides speak ISO 8859-1.
    t.deepEqual(unnamed, ["latin1-char-refused.echo"]);
  });
