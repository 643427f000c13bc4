// A process of servers for the FLARe bench: a `ServerPlan` as JSON. Each call burns so much processor time;
// "crash PROCESS" ends that process by exit(1), as in the paper.
import { setPriority } from "node:os";
import { ORB_init } from "../../../orb/index.ts";
import { Flare, Life } from "../../../services/monitor/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { type TransportName, transportOf } from "../transport.ts";

/** One object of a process. */
export interface BenchObject {
  readonly id: string;
  /** Share of its processor. */
  readonly load: number;
  /** Milliseconds of processor time that a call takes. */
  readonly burnMs: number;
}

/** What a process of servers is told. */
export interface ServerPlan {
  readonly transport: TransportName;
  readonly process: string;
  readonly processor: string;
  readonly objects: readonly BenchObject[];
  /** `-20` to `19`: a higher rate is more urgent. */
  readonly nice: number;
  /** Calls to each object before it is ready. */
  readonly warmUpCalls: number;
  /** Without it nobody is told of the objects. */
  readonly manager: string;
  readonly socket: string;
}

class Working extends Sample {
  readonly #burnUs: number;

  constructor(burnMs: number) {
    super();
    this.#burnUs = burnMs * 1_000;
  }

  override echo(text: string): string {
    if (text === `crash ${plan.process}`) process.exit(1);
    const begun = process.cpuUsage();
    for (;;) {
      const { user, system } = process.cpuUsage(begun);
      if (user + system >= this.#burnUs) return text;
    }
  }
}

const plan = JSON.parse(process.argv[2] ?? "") as ServerPlan;
const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"], {
  transport: transportOf(plan.transport),
});
orb.rootPOA.the_POAManager.activate();
const iors: Record<string, string> = {};
if (plan.socket !== "") await Life.begin({ process: plan.process, socket: plan.socket });
const managing =
  plan.manager === ""
    ? null
    : Flare.ReplicationManager.uncheckedNarrow(await orb.string_to_object(plan.manager));
for (const { id, load, burnMs } of plan.objects) {
  const replica = await orb.rootPOA.activate(new Working(burnMs));
  iors[id] = orb.object_to_string(replica);
  const { process: name, processor } = plan;
  await managing?.register_replica({ object_id: id, process: name, processor, load, replica });
}
// As backups are that have been at work for a while: the first requests of a process compile what serves them.
if (plan.warmUpCalls > 0) {
  const caller = await ORB_init([], { transport: transportOf(plan.transport) });
  for (const ior of Object.values(iors)) {
    const reference = await caller.string_to_object(ior);
    for (let i = 0; reference !== null && i < plan.warmUpCalls; i++)
      await sample.echo(reference, "x");
  }
  await caller.destroy();
}
// Where rights lack, all are equally urgent.
try {
  setPriority(plan.nice);
} catch {
  process.stderr.write("no right to a priority\n");
}
process.stdout.write(
  `ready ${JSON.stringify({ pid: process.pid, rss: process.memoryUsage().rss, iors })}\n`,
);
process.stdin.on("end", () => process.exit()).resume();
