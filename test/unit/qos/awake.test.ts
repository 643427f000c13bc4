import test, { type ExecutionContext } from "ava";
import { wakeUpFile } from "../../../native/index.ts";
import { parseQosdConfig } from "../../../services/node/index.ts";
import {
  laneDemand,
  QosClient,
  type QosdConfig,
  runtimeDemand,
} from "../../../services/qos/index.ts";
import { FakeSettings } from "../native-settings/fake-settings.ts";
import { isReal, Lines, startDaemon, testConfig } from "./real.ts";

const real = isReal ? test.serial : test.skip;
const DRIVER = "/sys/devices/system/cpu/cpuidle/current_driver";

/** The test's configuration with the cores of runtimes kept awake. */
async function awakeConfig(t: ExecutionContext): Promise<Pick<QosdConfig, "partitions">> {
  const { partitions } = await testConfig(t);
  return {
    partitions: partitions.map((each) => ({ ...each, awake: each.use === "runtimes" })),
  };
}

async function joined(t: ExecutionContext, socket: string, name: string): Promise<QosClient> {
  const client = await QosClient.open({
    socket,
    logger: new Lines().logger,
    runtime: runtimeDemand({ name }),
  });
  if (client === undefined) throw new TypeError(`no daemon at ${socket}`);
  t.teardown(() => client.close());
  return client;
}

real("cores of a partition are awake while a lane is held on them, and no longer", async (t) => {
  const settingFiles = new FakeSettings({ [DRIVER]: "haltpoll", [wakeUpFile(1)]: "0" });
  const state = (): string | undefined => settingFiles.texts.get(wakeUpFile(1));
  const { config, daemon } = await startDaemon(t, await awakeConfig(t), { settingFiles });
  const a = await joined(t, config.socket, "A");
  const b = await joined(t, config.socket, "B");
  t.is(state(), "0", "a runtime without lanes holds nothing");
  const lane = await a.reserve(laneDemand({ name: "lane" }));
  t.is(state(), "n/a");
  t.is(
    daemon.report().groups.find(({ path }) => path === `${config.group}/runtimes`)?.asked,
    "kept awake",
  );
  await b.reserve(laneDemand({ name: "lane" }));
  await lane.release();
  t.is(state(), "n/a", "B has one still");
  await b.close();
  t.is(state(), "0", "its connection ended");
  await a.reserve(laneDemand({ name: "again" }));
  t.is(state(), "n/a");
  await daemon.close();
  t.is(state(), "0");
});

real("partitions are awake by themselves only where the daemon is exclusive", async (t) => {
  const settingFiles = new FakeSettings({ [DRIVER]: "haltpoll", [wakeUpFile(1)]: "0" });
  const { config } = await startDaemon(t, {}, { settingFiles });
  const client = await joined(t, config.socket, "A");
  await client.reserve(laneDemand({ name: "lane" }));
  t.is(settingFiles.texts.get(wakeUpFile(1)), "0");
});

real("a lane of the configuration keeps its core awake once its process is there", async (t) => {
  const settingFiles = new FakeSettings({ [DRIVER]: "haltpoll", [wakeUpFile(1)]: "0" });
  const runtimes = [
    { demand: runtimeDemand({ name: "A" }), lanes: [laneDemand({ name: "lane" })] },
  ];
  const { config } = await startDaemon(
    t,
    { ...(await awakeConfig(t)), runtimes },
    { settingFiles },
  );
  t.is(settingFiles.texts.get(wakeUpFile(1)), "0");
  const client = await joined(t, config.socket, "A");
  t.is(settingFiles.texts.get(wakeUpFile(1)), "n/a");
  await client.close();
  t.is(settingFiles.texts.get(wakeUpFile(1)), "0");
});

real("a core that cannot be kept awake is told once, and its lanes serve", async (t) => {
  const settingFiles = new FakeSettings({ [DRIVER]: "haltpoll" });
  const { config, lines } = await startDaemon(t, await awakeConfig(t), { settingFiles });
  const client = await joined(t, config.socket, "A");
  await client.reserve(laneDemand({ name: "one" }));
  await client.reserve(laneDemand({ name: "two" }));
  const told = lines.all.filter((line) => line.includes("may sleep"));
  t.is(told.length, 1);
  t.regex(told[0] ?? "", /"core":1,"reason":"this kernel has no .*cpu1\/power\/pm_qos/);
});

test("awake is a partition's for runtimes", (t) => {
  const text = '[partitions.a]\nuse = "runtimes"\ncores = "1"\nawake = true';
  t.true(parseQosdConfig(text, "f").partitions[0]?.awake);
  const system = '[partitions.a]\nuse = "system"\ncores = "1"\nawake = true';
  t.regex(
    t.throws(() => parseQosdConfig(system, "f"))?.message ?? "",
    /awake are for use = "runtimes"/,
  );
});
