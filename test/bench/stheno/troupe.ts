import { fileURLToPath } from "node:url";
import type { Acknowledgement, MemberTimes } from "../../../services/group/index.ts";
import { Program } from "../program.ts";
import type { Place, ReplicaPlacement, ReplicaPlan } from "./replica.ts";

const REPLICA = fileURLToPath(new URL("./replica.js", import.meta.url));
/** The paper's: the highest for services. */
export const PRIORITY = 48;
const SAY_TIMEOUT_MS = 60_000;
/** A process that ends is seen by its connections at once; heartbeats are for what freezes, and get out of the way. */
const TIMES: Partial<MemberTimes> = {
  heartbeatMs: 100,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 50, leastIntervalMs: 100 },
};
/**
 * Of V8: its helpers take no part in what may happen while somebody waits, for who waits for them waits for the load
 * beside them; and the old generation may grow to some times what the warming up has left before it is collected.
 */
const FLAGS = [
  "--min-semi-space-size=1",
  "--max-semi-space-size=1",
  "--no-parallel-scavenge",
  "--no-concurrent-array-buffer-sweeping",
  "--no-memory-reducer",
  "--heap-growing-percent=400",
  // Compiled sooner than by default: the warming up is short.
  "--interrupt-budget=20000",
  // What ran once, as at a loss, is as ready as what runs always, and stays so.
  "--no-lazy-feedback-allocation",
  "--no-flush-bytecode",
] as const;

/** Who is who in a troupe. */
export interface Cast {
  readonly primary: Place;
  /** Its process. */
  readonly primaryId: number;
  /** In the order in which they succeed it. */
  readonly others: readonly Place[];
}

/** A counter as processes: alone, or a group of a primary and its replicas. */
export interface Troupe extends AsyncDisposable {
  /** Any of them takes calls. */
  readonly places: readonly Place[];
  /** All are rid of what their beginning has left. */
  collect(): Promise<void>;
  /** All go on at the services' priority. @param cores the reserved core's group, where there is one */
  place(cores: string | undefined): Promise<Cast>;
}

/** All run as any process does, so that they get warm on all cores. */
export async function startTroupe(replicas: number, ack: Acknowledgement): Promise<Troupe> {
  const count = replicas + 1;
  // An even number of members needs somebody who votes.
  const hasWitness = replicas > 0 && count % 2 === 0;
  const programs = Array.from({ length: count + (hasWitness ? 1 : 0) }, (_, i) => {
    const plan: ReplicaPlan = {
      site: `site-${i}`,
      settings: { style: "semi-active", ack },
      times: TIMES,
    };
    return new Program([process.execPath, ...FLAGS, REPLICA, JSON.stringify(plan)]);
  });
  const dispose = async (): Promise<void> => {
    await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
  };
  try {
    const hosts: string[] = [];
    for (const program of programs) hosts.push(await program.hear("host", SAY_TIMEOUT_MS));
    const members = programs.slice(0, count);
    const witness = hosts[count] ?? "-";
    for (const member of members)
      member.say(replicas === 0 ? "alone" : ["with", witness, ...hosts.slice(0, count)].join(" "));
    const places: Place[] = [];
    for (const member of members)
      places.push(JSON.parse(await member.hear("ready", SAY_TIMEOUT_MS)) as Place);
    return {
      places,
      async collect() {
        for (const program of programs) {
          program.say("collect");
          await program.hear("collected", SAY_TIMEOUT_MS);
        }
      },
      async place(cores) {
        const placement: ReplicaPlacement = {
          priority: PRIORITY,
          ...(cores === undefined ? {} : { cores }),
        };
        for (const program of programs) program.say(`place ${JSON.stringify(placement)}`);
        const ranks: number[] = [];
        for (const program of programs)
          ranks.push(Number(await program.hear("placed", SAY_TIMEOUT_MS)));
        const at = ranks.indexOf(0);
        const [primary, ...others] = members
          .map((_, i) => i)
          .sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0))
          .flatMap((i) => places[i] ?? []);
        const primaryId = programs[at]?.processId;
        if (primary === undefined || primaryId === undefined)
          throw new Error(`no primary among ${ranks.join(", ")}`);
        return { primary, primaryId, others };
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
