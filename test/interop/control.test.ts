// omniORB's client with omniORB's own server: what fails here is wrong with the checks or the peers, not with us.
import test from "ava";
import { checkNames, findPeers } from "../support/omniorb.ts";
import { listCppChecks, runCppClient, startCppServer } from "./cpp-peers.ts";
import { startOmniNames } from "./naming-peers.ts";
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

declareGroup(
  "control/naming",
  peers &&
    (async (names) => {
      await using naming = await startOmniNames();
      const reference = ["-ORBInitRef", `NameService=${naming.corbaloc}`];
      await using server = await startCppServer(peers, [...reference, "--name", "interop.root"]);
      void server;
      return await runCppClient(peers, "corbaname:rir:#interop.root", names, reference);
    }),
);

if (peers !== undefined)
  test("checks.txt names every check of the omniORB client in the control groups", async (t) => {
    const named = checkNames().filter((name) => name.startsWith("control/"));
    const known = new Set(named.map((name) => name.split("/").slice(2).join("/")));
    const unnamed = (await listCppChecks(peers)).filter((name) => !known.has(name));
    // A char beyond ASCII is never refused here: both sides speak ISO 8859-1.
    t.deepEqual(unnamed, ["latin1-char-refused.echo"]);
  });
