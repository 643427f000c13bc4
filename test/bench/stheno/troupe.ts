import { fileURLToPath } from "node:url";
import type { GroupSettings, MemberTimes } from "../../../services/group/index.ts";
import { Program } from "../program.ts";
import type { Place, ReplicaPlan } from "./replica.ts";

const REPLICA = fileURLToPath(new URL("./replica.js", import.meta.url));
/** The paper's: the highest for services. */
export const PRIORITY = 48;
const SAY_TIMEOUT_MS = 60_000;
/** As in the paper, the primary replies when all replicas have the update. */
const SETTINGS: Partial<GroupSettings> = { style: "semi-active", ack: "all" };
/** A process that ends is seen by its connections at once; heartbeats are for what freezes, and get out of the way. */
const TIMES: Partial<MemberTimes> = {
  heartbeatMs: 100,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 50 },
};
/** A small young generation, so that a collection is short; the collector's helpers do not wait for each other. */
const FLAGS = ["--max-semi-space-size=1", "--no-parallel-scavenge"] as const;

/** A counter as processes: alone, or a group of a primary and its replicas. */
export interface Troupe extends AsyncDisposable {
  /** Of the primary, then of the others. */
  readonly places: readonly Place[];
  /** Process of the primary. */
  readonly primaryId: number;
}

/** @param cores the reserved core's group, where there is one */
export async function startTroupe(replicas: number, cores: string | undefined): Promise<Troupe> {
  const count = replicas + 1;
  // An even number of members needs somebody who votes.
  const hasWitness = replicas > 0 && count % 2 === 0;
  const programs = Array.from({ length: count + (hasWitness ? 1 : 0) }, (_, i) => {
    const plan: ReplicaPlan = {
      site: `site-${i}`,
      priority: PRIORITY,
      settings: SETTINGS,
      times: TIMES,
      ...(cores === undefined ? {} : { cores }),
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
      primaryId: programs[0]?.processId ?? 0,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
