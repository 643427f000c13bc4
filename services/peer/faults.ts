import type { Clock, Logger } from "../../orb/base/index.ts";
import type { ORB } from "../../orb/index.ts";
import { burnProcessor, CHAOS_KEY, ChaosServant, InsideFaults } from "../chaos/index.ts";
import type { ChaosTable } from "./options.ts";

/**
 * Has `orbweaver chaos` reach this process.
 * @returns ends it, and what it began
 */
export async function serveFaults(
  orb: ORB,
  { mostOctets }: ChaosTable,
  clock: Clock,
  logger: Logger,
): Promise<() => Promise<void>> {
  const faults = new InsideFaults({ clock, mostOctets, burn: burnProcessor });
  const poa = await orb.rootPOA.createPoa("chaos", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
  });
  orb.bindPlainKey(CHAOS_KEY, await poa.activate(CHAOS_KEY, new ChaosServant(faults)));
  poa.the_POAManager.activate();
  logger.warn("chaos.enabled: whoever reaches this peer may have it leak and be busy");
  return async () => {
    faults.stop();
    orb.bindPlainKey(CHAOS_KEY, null);
    await poa.destroy(true, true);
  };
}
