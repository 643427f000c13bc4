// Our server asks omniORB's client to name an object by a profile or by its reference.
import type { ExecutionContext } from "ava";
import { NeedsAddressingMode, ORB_init, string_to_ObjectId } from "../../../orb/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { declareCheck } from "../results.ts";
import { Player } from "../servants/references.ts";
import { bounces } from "./bounce.ts";

const peers = await findPeers();

function declare(name: string, body: (t: ExecutionContext, peers: Peers) => Promise<void>): void {
  declareCheck(`connections/${name}`, peers !== undefined, async (t) => {
    if (peers !== undefined) await body(t, peers);
  });
}

for (const by of ["profile", "reference"] as const) {
  declare(`named_by_${by}.omniorb_client`, async (t, found) => {
    await using orb = await ORB_init();
    const poa = await orb.rootPOA.createPoa("asking", {
      idAssignment: "USER_ID",
      requestProcessing: "USE_SERVANT_MANAGER",
      servantRetention: "NON_RETAIN",
    });
    const player = new Player();
    const seen: string[] = [];
    poa.set_servant_manager({
      preinvoke: (_oid, _adapter, operation, target) => {
        seen.push(`${operation} ${target.by}`);
        if (operation === "bounce" && target.by !== by) throw new NeedsAddressingMode(by);
        return player;
      },
      postinvoke: () => undefined,
    });
    orb.rootPOA.the_POAManager.activate();
    const reference = poa.create_reference_with_id(
      string_to_ObjectId("a"),
      "IDL:Interop/Player:1.0",
    );
    const lines = await bounces(found, orb.object_to_string(reference), ["--times", "3"]);
    // omniORB sends the request again as it was asked to. The reply to that it takes for a second one to the first,
    // and closes the connection ("Reply header has already been received"); but it remembers how to name the object.
    t.deepEqual(lines, [
      "ended in COMM_FAILURE minor 0x41540007 COMPLETED_MAYBE",
      "bounced 0",
      "bounced 0",
    ]);
    const asked = seen.filter((line) => line.startsWith("bounce"));
    t.deepEqual(asked, ["bounce key", ...Array<string>(3).fill(`bounce ${by}`)]);
  });
}
