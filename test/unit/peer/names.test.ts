import { fileURLToPath } from "node:url";
import test from "ava";
import * as Metro from "../../../examples/metro/gen/Metro.ts";
import { CosNaming } from "../../../idl/index.ts";
import { type ObjectReference, type ORB, ORB_init, TRANSIENT } from "../../../orb/index.ts";
import { nameFromString } from "../../../services/naming/index.ts";
import { ran } from "../../support/ran.ts";
import { type PeerDaemon, PeerDaemons } from "../../support/peer-process/index.ts";

// Names of all peers: real processes, one of which is killed.
const STATION: string = fileURLToPath(
  new URL("../../../examples/metro/station.js", import.meta.url),
);

async function contextOf(orb: ORB, at: string): Promise<CosNaming.NamingContext> {
  const reference = await orb.string_to_object(`corbaloc::${at}/NameService`);
  const context = await CosNaming.NamingContext.narrow(reference);
  if (context === null) throw new TypeError("no naming context");
  return context;
}

/** Binds, again for half a minute as long as no majority answers: who is to answer may be being chosen. */
async function bindAgain(
  context: CosNaming.NamingContext,
  name: string,
  object: ObjectReference | null,
  untilMs: number = performance.now() + 30_000,
): Promise<void> {
  try {
    await context.bind(nameFromString(name), object);
  } catch (thrown) {
    // It may have been done by the time that the majority was there.
    if (thrown instanceof CosNaming.NamingContext.AlreadyBound) return;
    if (!(thrown instanceof TRANSIENT) || performance.now() > untilMs) throw thrown;
    await bindAgain(context, name, object, untilMs);
  }
}

test.serial(
  "names bound through one peer are found through all, and outlive their coordinator",
  async (t) => {
    t.timeout(120_000);
    await using daemons = await PeerDaemons.start({
      voters: 3,
      others: 1,
      settings: ['control.access="full"'],
    });
    const peers = daemons.all;
    await using orb = await ORB_init([], {
      config: { orb: { connectTimeoutMs: 1_000, deadlineMs: 10_000 } },
    });
    const [first, second, , last] = peers;
    if (first === undefined || second === undefined || last === undefined) return t.fail();

    // The one that has no vote has one make the object of a name.
    const through = await contextOf(orb, last.at);
    await through.bind_new_context(nameFromString("metro"));
    await using server = await ORB_init([], {});
    const { Display } = (await import(STATION)) as {
      Display: new (id: string) => Metro.DisplaySkeleton;
    };
    const reference = await server.rootPOA.activate(new Display("north-1"));
    server.rootPOA.the_POAManager.activate();
    const foreign = await orb.string_to_object(server.object_to_string(reference));
    await through.bind(nameFromString("metro/north.display"), foreign);
    const isFoundBy = async (peer: PeerDaemon): Promise<string | undefined> => {
      const found = await (await contextOf(orb, peer.at)).resolve(
        nameFromString("metro/north.display"),
      );
      return await (await Metro.Display.narrow(found))?._get_id();
    };
    for (const peer of peers) t.is(await isFoundBy(peer), "north-1");

    // Of binds at the same time through different peers one wins.
    const results = await Promise.allSettled(
      peers.map(async ({ at }) =>
        (await contextOf(orb, at)).bind(nameFromString("metro/contended"), foreign),
      ),
    );
    t.is(results.filter(({ status }) => status === "fulfilled").length, 1);
    for (const each of results)
      if (each.status === "rejected")
        t.true(each.reason instanceof CosNaming.NamingContext.AlreadyBound, String(each.reason));

    const [coordinator] = await daemons.rootCell();
    if (coordinator === undefined) return t.fail();
    coordinator.process.kill("SIGKILL");
    await coordinator.process.ended();
    const left = peers.filter((peer) => peer !== coordinator);
    const [asked] = left;
    const said = await ran(["ns", "voters", "--ns", `corbaloc::${asked?.at}/NameService`]);
    t.deepEqual([said.code, said.err, said.out.length], [0, [], 1 + 3 + 1]);
    for (const peer of left) t.is(await isFoundBy(peer), "north-1");
    const any = left.at(-1);
    if (any === undefined) return t.fail();
    await bindAgain(await contextOf(orb, any.at), "metro/after", foreign);
    for (const peer of left)
      t.truthy(await (await contextOf(orb, peer.at)).resolve(nameFromString("metro/after")));
  },
);

test.serial("a voter that comes late is ready when it has its vote, not before", async (t) => {
  t.timeout(120_000);
  await using daemons = await PeerDaemons.start({ voters: 3, others: 0, late: 1 });
  for (const { health } of daemons.all) {
    const { parts } = (await (await fetch(`${health}/readyz`)).json()) as {
      readonly parts: { readonly names: { readonly ready: boolean; readonly state: string } };
    };
    t.deepEqual(parts.names, { ready: true, state: "0 names, a voter" });
  }
});
