// How our server's connections end, as omniORB's client sees it.
import { once } from "node:events";
import { connect } from "node:net";
import type { ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { iiopProfilesOf, iorFromString } from "../../../orb/ior/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { Player } from "../servants/references.ts";
import { declareCheck } from "../results.ts";
import { bounces } from "./bounce.ts";

const peers = await findPeers();

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`connections/${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

declare("idle_reset.omniorb_client", async (t, found) => {
  // Closed each time between two calls: the client does not notice.
  let accepted = 0;
  const nothing = (): void => undefined;
  const debug = (message: string): void => {
    if (message === "accepted a connection") accepted++;
  };
  await using orb = await ORB_init([], {
    config: { orb: { acceptedIdleMs: 20 } },
    logger: { debug, info: nothing, warn: nothing, error: nothing },
  });
  const ior = orb.object_to_string(await orb.rootPOA.activate(new Player()));
  orb.rootPOA.the_POAManager.activate();
  const lines = await bounces(found, ior, ["--times", "40", "--pause", "30"]);
  t.deepEqual(lines, Array<string>(40).fill("bounced 0"));
  t.true(accepted > 20, `${accepted} connections`);
});

declare("refused.omniorb_client", async (t, found) => {
  await using orb = await ORB_init([], { config: { orb: { maxConnections: 1 } } });
  const ior = orb.object_to_string(await orb.rootPOA.activate(new Player()));
  orb.rootPOA.the_POAManager.activate();
  const port = iiopProfilesOf(iorFromString(ior))[0]?.port ?? 0;
  const first = connect({ host: "127.0.0.1", port });
  await once(first, "connect");
  t.deepEqual(await bounces(found, ior, ["--times", "3"]), [
    "ended in TRANSIENT minor 0x4f4d0001 COMPLETED_NO",
    "ended in TRANSIENT minor 0x4f4d0001 COMPLETED_NO",
    "ended in TRANSIENT minor 0x4f4d0001 COMPLETED_NO",
  ]);
  first.destroy();
  await once(first, "close");
  t.deepEqual(await bounces(found, ior, []), ["bounced 0"]);
});
