import { OBJECT_NOT_EXIST, SystemException } from "../../../orb/index.ts";
import { Chaos, CHAOS_KEY } from "../../chaos/index.ts";
import { type Surroundings, UsageError } from "../../command/index.ts";
import { calling, objectOf } from "../calling.ts";
import type { Wish } from "./wish.ts";

const MB = 1_000_000;
const STANDARD_MS = 1_000;
const TIMEOUT_MS = 30_000;

/** Does what is asked for, and tells what is going on then. */
async function deed(faults: Chaos.Faults, wish: Wish): Promise<Chaos.FaultState> {
  const { fault, rateMb, mostMb, percent, forMs = STANDARD_MS } = wish;
  if (fault === "leak")
    await faults.leak(BigInt(Math.round(rateMb * MB)), BigInt(Math.round(mostMb * MB)));
  else if (fault === "slow") await faults.burn(Math.round(percent), BigInt(Math.round(forMs)));
  else if (fault === "stop") await faults.stop();
  return await faults.now();
}

function stateText(state: Chaos.FaultState): string {
  const taken = (Number(state.leaked_octets) / MB).toFixed(1);
  const rate = (Number(state.octets_per_second) / MB).toFixed(1);
  const memory = `${taken} MB taken, ${rate} MB/s`;
  const busy = Number(state.busy_ms);
  return busy === 0 ? memory : `${memory}; busy by ${state.busy_percent} % for ${busy} ms`;
}

/** Faults within a peer, where its configuration allows them. */
export async function inside(wish: Wish, { print, complain, stop }: Surroundings): Promise<number> {
  const { peer: at, orb: args, fault } = wish;
  if (at === undefined) throw new UsageError(`chaos ${fault}: --peer HOST:PORT is needed`);
  try {
    const terms = { command: "chaos", orb: args, timeoutMs: TIMEOUT_MS, stop };
    await calling(terms, async (orb) => {
      const reference = await objectOf(orb, "chaos", `corbaloc::${at}/${CHAOS_KEY}`);
      const faults = Chaos.Faults.uncheckedNarrow(reference);
      print(`${at}: ${stateText(await deed(faults, wish))}`);
    });
    return 0;
  } catch (thrown) {
    stop.throwIfAborted();
    const why = reasonOf(at, thrown);
    if (why === undefined) throw thrown;
    complain(`chaos ${fault}: ${why}`);
    return 1;
  }
}

function reasonOf(at: string, thrown: unknown): string | undefined {
  if (thrown instanceof Chaos.Refused) return `${at} refuses: ${thrown.reason}`;
  if (thrown instanceof OBJECT_NOT_EXIST)
    return `${at} has no faults to offer: [chaos] enabled = true in its configuration would let it`;
  return thrown instanceof SystemException ? thrown.message : undefined;
}
