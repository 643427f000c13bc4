// Our client with omniORB's server, and with our own in another process.
import { ORB_init } from "../../orb/index.ts";
import { findPeers } from "../support/omniorb.ts";
import { CHECKS, runChecks } from "./checks/all.ts";
import { given } from "./checks/check.ts";
import { type Server, startCppServer } from "./cpp-peers.ts";
import * as Interop from "./gen/Interop.ts";
import { declareGroup, type Outcomes, type RunChecks } from "./results.ts";
import { startTsServer } from "./ts-peers.ts";
import { registerValues } from "./servants/sample-values.ts";

const peers = await findPeers();

/** Runs checks with an ORB of this process. */
async function runAgainst(
  start: () => Promise<Server>,
  names: readonly string[],
  fragmentOctets: number = 0,
): Promise<Outcomes> {
  await using server = await start();
  await using orb = await ORB_init([], { config: { orb: { fragmentOctets } } });
  registerValues(orb);
  orb.rootPOA.the_POAManager.activate();
  const root = given(await Interop.Root.narrow(await orb.string_to_object(server.ior)));
  return await runChecks(CHECKS, { orb, root }, names);
}

for (const version of ["1.2", "1.1", "1.0"]) {
  const run: RunChecks | undefined =
    peers &&
    ((names) => runAgainst(() => startCppServer(peers, ["-ORBmaxGIOPVersion", version]), names));
  declareGroup(`ts-client/giop-${version}`, run);
}
for (const version of ["1.2", "1.1"]) {
  const run: RunChecks | undefined =
    peers &&
    ((names) => {
      const options = ["-ORBmaxGIOPVersion", version];
      return runAgainst(() => startCppServer(peers, options), names, 1024);
    });
  declareGroup(`ts-client/fragments-${version}`, run);
}
declareGroup("ts-client/ts-server", (names) => runAgainst(() => startTsServer(), names));
declareGroup("ts-client/ts-server-fragments", (names) =>
  runAgainst(() => startTsServer(["--fragment", "256"]), names, 512),
);
