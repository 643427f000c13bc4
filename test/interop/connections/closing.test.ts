// How our server's connections end, as omniORB's client sees it.
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { iiopProfilesOf, iorFromString } from "../../../orb/ior/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { TestProcess } from "../../support/process.ts";
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

const SERVER = fileURLToPath(new URL("./player-server.js", import.meta.url));

/** A server that is killed while omniORB's client is idle, and another one at its place: what the next call comes to. */
async function secondCall(found: Peers, resetOnCrash: boolean): Promise<string> {
  const start = (endpoint: string): TestProcess =>
    new TestProcess(process.execPath, [SERVER, endpoint, JSON.stringify({ resetOnCrash })]);
  await using first = start("iiop://127.0.0.78:0");
  const [, port = ""] = await first.match(/^port (\d+)$/mu);
  const place = `127.0.0.78:${port}`;
  const address = `corbaloc:iiop:1.2@${place}/player`;
  const endPoint = ["-ORBendPoint", "giop:tcp:127.0.0.1:"];
  const args = ["call", "--address", address, "--times", "2", "--step", "1", ...endPoint];
  await using client = new TestProcess(found.bounce, args);
  await client.match(/^bounced 0$/mu);
  first.kill("SIGKILL");
  await first.ended();
  await using second = start(`iiop://${place}`);
  await second.match(/^port /mu);
  client.write("\n");
  const [, outcome = ""] = await client.match(/^bounced 0\n(.+)\ndone$/mu);
  return outcome;
}

declare("killed_idle.omniorb_client", async (t, found) => {
  t.is(await secondCall(found, true), "bounced 0");
  t.regex(await secondCall(found, false), /^ended in COMM_FAILURE .* COMPLETED_MAYBE$/u);
});
