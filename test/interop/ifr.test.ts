// An Interface Repository of ours behind a server of ours and behind one of omniORB.
import { ORB_init } from "../../orb/index.ts";
import { findPeers } from "../support/omniorb.ts";
import { runChecks } from "./checks/all.ts";
import { given } from "./checks/check.ts";
import { ifrChecks } from "./checks/ifr.ts";
import { runCppClient, startCppServer } from "./cpp-peers.ts";
import * as Interop from "./gen/Interop.ts";
import { declareGroup } from "./results.ts";
import { startTsServer, withRepository } from "./ts-peers.ts";

const peers = await findPeers();

const SERVERS = {
  "ts-server": (initRef: string) => startTsServer(["-ORBInitRef", initRef]),
  "omniorb-server": (initRef: string) =>
    startCppServer(given(peers ?? null), ["-ORBInitRef", initRef]),
};

for (const [name, start] of Object.entries(SERVERS)) {
  const isPossible = name === "ts-server" || peers !== undefined;
  declareGroup(
    `ifr/${name}-omniorb-client`,
    peers &&
      ((names) =>
        withRepository(async (initRef) => {
          await using server = await start(initRef);
          return await runCppClient(peers, server.ior, names);
        })),
  );
  declareGroup(
    `ifr/${name}-ts-client`,
    isPossible
      ? (names) =>
          withRepository(async (initRef) => {
            await using server = await start(initRef);
            await using orb = await ORB_init([], { config: { orb: { listen: [] } } });
            const root = given(await Interop.Root.narrow(await orb.string_to_object(server.ior)));
            return await runChecks(ifrChecks, { orb, root }, names);
          })
      : undefined,
  );
}
