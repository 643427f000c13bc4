import test from "ava";
import { Deadline, systemClock } from "../../../orb/base/index.ts";
import { loadNative } from "../../../native/index.ts";
import { qosGroups, wire } from "../../../services/node/index.ts";
import type { WorkerLane } from "../../../services/lanes/index.ts";
import { QosClient, runtimeDemand } from "../../../services/qos/index.ts";
import { laneSpec } from "../lanes/laned.ts";
import { mayGrant } from "../native/child.ts";
import { isReal, Lines, startDaemon } from "./real.ts";

const real = isReal && mayGrant("sys_nice") && loadNative() !== undefined ? test.serial : test.skip;

const BUDGET = { runtime_us: 20_000, period_us: 1_000_000 };

real(
  "lanes are threads in leaves of the daemon's tree, with their policy on the reserved core",
  async (t) => {
    const { config, daemon } = await startDaemon(t);
    const lines = new Lines();
    const client = await QosClient.open({
      socket: config.socket,
      logger: lines.logger,
      runtime: runtimeDemand({
        name: "metro",
        realtime: { runtime_us: 50_000, period_us: 1_000_000 },
      }),
    });
    if (client === undefined) throw new TypeError("there is no daemon");
    t.teardown(() => client.close());
    const settings = {
      alarms: { priority: 25_000, scheduling: "fifo", warmUpCalls: 0 },
      normal: { priority: 1_000, scheduling: "other", warmUpCalls: 0 },
      greedy: { priority: 2_000, scheduling: "rr", warmUpCalls: 0 },
    } as const;
    const budgets = { greedy: { runtime_us: 40_000, period_us: 1_000_000 } };
    const { lanes: host } = wire(
      { lanes: settings },
      { logger: lines.logger, groups: qosGroups(client, { budget: BUDGET, budgets }) },
    );
    const refused = lines.next(/lane "greedy" serves without a group of its own/);
    const deadline = Deadline.after(systemClock, 40_000);
    const specs = Object.entries(settings).map(([name, { priority }]) =>
      laneSpec(name, { priority }),
    );
    const lanes = (await host.start(specs, deadline)) as readonly WorkerLane[];
    t.teardown(() =>
      Promise.all(lanes.map((lane) => lane.close(Deadline.after(systemClock, 10_000)))),
    );

    const [alarm, normal, greedy] = lanes.map(({ placements }) => placements[0]);
    t.deepEqual(alarm?.refused, []);
    t.like(alarm?.scheduling, { policy: "fifo" });
    t.deepEqual(alarm?.cores, config.partitions[1]?.cores);
    const threadsAt = (leaf: string): readonly number[] | undefined =>
      daemon
        .report()
        .groups.find(({ path }) => path === `${config.group}/runtimes/metro/services/${leaf}`)
        ?.threads;
    t.deepEqual(threadsAt("alarms"), [alarm?.threadId]);
    t.deepEqual(threadsAt("normal"), [normal?.threadId]);
    t.is(threadsAt("greedy"), undefined);
    t.regex(
      await refused,
      /Refused: 30000 ppm of a core are free for FIFO and RR on runtime metro, 40000 ppm were asked for/,
    );
    t.like(greedy?.scheduling, { policy: "rr" }, "it serves all the same");
  },
);
