// Serves the stations of a light-train network and their control center, and binds their names.
//
//   node dist/examples/metro/server.js -ORBInitRef NameService=corbaloc::127.0.0.1:2809/NameService

import { CosNaming } from "orbweaver/idl";
import { type ORB, ORB_init } from "orbweaver/orb";

import { ControlCenter, type Managed } from "./center.ts";
import { openStations } from "./stations.ts";
import * as Metro from "./gen/Metro.ts";
import { NETWORK, PLANS } from "./network.ts";
import { Watchers } from "./watchers.ts";

const log = (line: string): void => void process.stdout.write(`${line}\n`);

/** The context `id` below `parent`, new or as it is. */
async function context(
  parent: CosNaming.NamingContext,
  id: string,
): Promise<CosNaming.NamingContext> {
  const name = [{ id, kind: "" }];
  try {
    const fresh = await parent.bind_new_context(name);
    if (fresh !== null) return fresh;
  } catch (thrown) {
    if (!(thrown instanceof CosNaming.NamingContext.AlreadyBound)) throw thrown;
  }
  const old = await CosNaming.NamingContext.narrow(await parent.resolve(name));
  if (old === null) throw new TypeError(`"${id}" is bound, but not to a naming context`);
  return old;
}

async function bindNames(
  orb: ORB,
  center: Metro.ControlCenter,
  stations: Iterable<Managed>,
): Promise<void> {
  const names = await CosNaming.NamingContext.narrow(
    await orb.resolve_initial_references("NameService"),
  );
  if (names === null) throw new TypeError("NameService is no CosNaming::NamingContext");
  const metro = await context(names, "metro");
  await metro.rebind([{ id: "center", kind: "control" }], center);
  const below = await context(metro, "stations");
  for (const { plan, reference } of stations)
    await below.rebind([{ id: plan.code, kind: "station" }], reference);
}

function stopWhenTold(stop: () => void): void {
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  // Whoever started this with a channel is gone.
  if (process.channel !== undefined) process.once("disconnect", stop);
}

async function main(): Promise<void> {
  await using orb = await ORB_init(process.argv.slice(2));
  const watchers = new Watchers(log);
  stopWhenTold(() => {
    void watchers.close("the control center shuts down").then(() => orb.shutdown());
  });
  const managed = await openStations(orb.rootPOA, PLANS, watchers);
  const poa = await orb.rootPOA.createPoa("centers", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
  });
  const center = Metro.ControlCenter.uncheckedNarrow(
    await poa.activate("porto", new ControlCenter(managed, watchers)),
  );
  orb.rootPOA.the_POAManager.activate();
  await bindNames(orb, center, managed.values());
  const addresses = orb.endpoints.map(({ host, port }) => `${host}:${port}`).join(", ");
  log(`${NETWORK}: ${managed.size} stations at ${addresses}, names bound under metro/`);
  await orb.run();
}

await main();
if (process.connected) process.disconnect();
