// Calls in both directions of one connection, as through a firewall: the calling side's references name a place that
// nobody reaches, so that only the connection itself leads back.
import type { ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { given } from "../checks/check.ts";
import { startServer } from "../cpp-peers.ts";
import * as Interop from "../gen/Interop.ts";
import { declareCheck } from "../results.ts";
import { Player } from "../servants/references.ts";
import { bounces } from "./bounce.ts";

const peers = await findPeers();
const NOWHERE = "192.0.2.99:9";

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`connections/bidirectional.${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

const BOTH_WAYS: readonly string[] = [
  "-ORBclientTransportRule",
  "* tcp,bidir",
  "-ORBserverTransportRule",
  "* tcp,bidir",
];

declare("omniorb_client", async (t, found) => {
  const log: string[] = [];
  const nothing = (): void => undefined;
  const debug = (message: string): void => void log.push(message);
  await using orb = await ORB_init([], {
    config: { orb: { bidirectional: "accept" } },
    logger: { debug, info: nothing, warn: nothing, error: nothing },
  });
  const ior = orb.object_to_string(await orb.rootPOA.activate(new Player()));
  orb.rootPOA.the_POAManager.activate();
  const offering = ["-ORBofferBiDirectionalGIOP", "1", ...BOTH_WAYS];
  const nowhere = ["-ORBendPointPublish", `giop:tcp:${NOWHERE}`];
  const calls = ["--depth", "7", "--times", "3"];
  const lines = await bounces(found, ior, [...calls, ...offering, ...nowhere]);
  t.deepEqual(lines, ["bounced 7", "bounced 7", "bounced 7"]);
  t.true(log.includes("accepted a connection"));
  t.false(log.includes("connected"), "the calls back opened no connection");
});

declare("ts_client", async (t, found) => {
  const accepting = ["-ORBacceptBiDirectionalGIOP", "1", ...BOTH_WAYS];
  await using server = await startServer(found.bounce, [
    "serve",
    "-ORBendPoint",
    "giop:tcp:127.0.0.1:",
    ...accepting,
  ]);
  await using orb = await ORB_init([], {
    config: { orb: { listen: [], publish: [NOWHERE], bidirectional: "offer" } },
  });
  const mine = given(await Interop.Player.narrow(await orb.rootPOA.activate(new Player())));
  orb.rootPOA.the_POAManager.activate();
  const theirs = given(await Interop.Player.narrow(given(await orb.string_to_object(server.ior))));
  for (let n = 0; n < 3; n++) t.is(await theirs.bounce(mine, 7), 7);
  t.deepEqual(orb._connectionCounts, { opened: 1, accepted: 0 });
});
