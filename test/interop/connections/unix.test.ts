// UNIX-domain sockets, each side listening at nothing else.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { corbalocToString } from "../../../orb/ior/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { given } from "../checks/check.ts";
import { startServer } from "../cpp-peers.ts";
import * as Interop from "../gen/Interop.ts";
import { declareCheck } from "../results.ts";
import { Player } from "../servants/references.ts";
import { bounces } from "./bounce.ts";

const peers = await findPeers();

function declare(
  name: string,
  body: (t: ExecutionContext, peers: Peers, folder: string) => Promise<void>,
): void {
  declareCheck(`connections/unix.${name}`, peers !== undefined, async (t) => {
    if (peers === undefined) return;
    const folder = await mkdtemp(join(tmpdir(), "orbweaver-unix-"));
    try {
      await body(t, peers, folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

declare("omniorb_client", async (t, found, folder) => {
  await using orb = await ORB_init(["-ORBListenEndpoints", `unix://${join(folder, "ours")}`]);
  const ior = orb.object_to_string(await orb.rootPOA.activate(new Player()));
  orb.rootPOA.the_POAManager.activate();
  const theirs = ["-ORBendPoint", `giop:unix:${join(folder, "theirs")}`];
  // Each calls the other at its socket.
  const lines = await bounces(found, ior, ["--depth", "5", "--times", "2", ...theirs]);
  t.deepEqual(lines, ["bounced 5", "bounced 5"]);
  orb.bindPlainKey("player", await orb.string_to_object(ior));
  const url = `corbaloc:omniunix:${join(folder, "ours")}:/player`;
  t.deepEqual(await bounces(found, url, ["--depth", "1", ...theirs]), ["bounced 1"]);
});

declare("ts_client", async (t, found, folder) => {
  const endPoint = ["-ORBendPoint", `giop:unix:${join(folder, "theirs")}`];
  await using server = await startServer(found.bounce, ["serve", ...endPoint]);
  await using orb = await ORB_init(["-ORBListenEndpoints", `unix://${join(folder, "ours")}`]);
  const mine = given(await Interop.Player.narrow(await orb.rootPOA.activate(new Player())));
  orb.rootPOA.the_POAManager.activate();
  const theirs = given(await Interop.Player.narrow(given(await orb.string_to_object(server.ior))));
  t.is(theirs._core.targets[0]?.path, join(folder, "theirs"));
  for (let n = 0; n < 2; n++) t.is(await theirs.bounce(mine, 5), 5);
  const key = theirs._core.targets[0]?.objectKey ?? new Uint8Array();
  const path = join(folder, "theirs");
  const url = corbalocToString({ addresses: [{ protocol: "omniunix", path }], key });
  const located = given(await Interop.Player.narrow(given(await orb.string_to_object(url))));
  t.is(await located.bounce(mine, 1), 1);
});
