// omniORB's client, which knows nothing of us, with our server.
import { findPeers } from "../support/omniorb.ts";
import { runCppClient } from "./cpp-peers.ts";
import { declareGroup, type RunChecks } from "./results.ts";
import { startTsServer } from "./ts-peers.ts";

const peers = await findPeers();

/** Arguments of our server and of the client, by group. */
const GROUPS: Readonly<
  Record<string, readonly [server: readonly string[], client: readonly string[]]>
> = {
  "giop-1.2": [[], []],
  "giop-1.1": [[], ["-ORBmaxGIOPVersion", "1.1"]],
  "giop-1.0": [[], ["-ORBmaxGIOPVersion", "1.0"]],
  // Calls of several threads share a connection, and their replies come in any order.
  "one-connection": [[], ["-ORBoneCallPerConnection", "0"]],
  // Replies in many pieces; the client's requests are in pieces of 8 KiB in any case.
  "fragments-1.2": [["--fragment", "1024"], []],
  "fragments-1.1": [
    ["--fragment", "1024"],
    ["-ORBmaxGIOPVersion", "1.1"],
  ],
};

for (const [group, [serverArguments, clientArguments]] of Object.entries(GROUPS)) {
  const run: RunChecks | undefined =
    peers &&
    (async (names) => {
      await using server = await startTsServer(serverArguments);
      return await runCppClient(peers, server.ior, names, clientArguments);
    });
  declareGroup(`omniorb-client/${group}`, run);
}
