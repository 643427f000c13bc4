import { createInterface } from "node:readline";
import { ORB_init } from "../../../orb/index.ts";
import type { LaneConfig } from "../../../services/lanes/index.ts";
import { wire } from "../../../services/node/index.ts";
import { coreGroup } from "./reservation.ts";

/** What the server is told: its one argument, as JSON. */
export interface ServerPlan {
  /** Lanes by name; their priorities are the kernel's, too. */
  readonly lanes: Readonly<Record<string, LaneConfig>>;
  /** Groups of cores: for the lanes, and for all else of this process. */
  readonly groups?: { readonly lanes: string; readonly rest: string };
}

/** Where one lane's counter is. */
export interface Served {
  readonly lane: string;
  readonly host: string;
  readonly port: number;
  /** In hexadecimal. */
  readonly key: string;
}

const COUNTER: string = new URL("./counter.js", import.meta.url).href;

async function main(plan: ServerPlan): Promise<void> {
  const { lanes, groups } = plan;
  if (groups !== undefined) coreGroup(groups.rest).addProcess(process.pid);
  const complain = (message: string): void => void process.stderr.write(`${message}\n`);
  const quiet = (): void => undefined;
  const wired = wire(
    { orb: { rtMapping: "direct" }, lanes },
    {
      logger: { debug: quiet, info: quiet, warn: complain, error: complain },
      ...(groups === undefined
        ? {}
        : {
            groups: {
              join: (_lane, threadId, { wish }) => {
                if (wish.cores.length > 0) coreGroup(groups.lanes).addThread(threadId);
                return Promise.resolve();
              },
            },
          }),
    },
  );
  await using orb = await ORB_init([], wired);
  const named = Object.entries(lanes);
  const pool = await orb.rt.create_threadpool_with_lanes(
    0,
    named.map(([, { priority = 0 }]) => ({
      lane_priority: priority,
      static_threads: 1,
      dynamic_threads: 0,
    })),
    false,
    true,
    0,
    0,
  );
  orb.rootPOA.the_POAManager.activate();
  const served: Served[] = [];
  for (const [lane, { priority = 0 }] of named) {
    const poa = await orb.rootPOA.createPoa(lane, {
      idAssignment: "USER_ID",
      threadpool: pool,
      priorityModel: { model: "SERVER_DECLARED", priority },
    });
    const reference = await poa.activateModule("counter", { module: COUNTER, export: "Counter" });
    const [target] = reference._core.ownTargets;
    const [host = "", port = ""] = (target?.place ?? "").split(":");
    const key = Buffer.from(target?.objectKey ?? []).toString("hex");
    served.push({ lane, host, port: Number(port), key });
  }
  process.stdout.write(`ready ${JSON.stringify(served)}\n`);
  // Ends with its input.
  for await (const _line of createInterface({ input: process.stdin }));
}

await main(JSON.parse(process.argv[2] ?? "{}") as ServerPlan);
