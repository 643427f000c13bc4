// omniORB's client with omniORB's own server: what fails here is wrong with the checks or the peers, not with us.
import { readFile } from "node:fs/promises";
import test from "ava";
import { CHECKS_FILE, findPeers } from "../support/omniorb.ts";
import { runCppClient, startCppServer } from "./cpp-peers.ts";
import { checksText } from "./listing.ts";
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
  test("checks.txt names the checks there are", async (t) => {
    const text = await readFile(CHECKS_FILE, "utf8");
    t.is(await checksText(), text, "npm run build && node dist/test/interop/name-checks.js");
  });
