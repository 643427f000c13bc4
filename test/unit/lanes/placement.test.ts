import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { loadNative, nativeFault } from "../../../native/index.ts";
import type { Scheduling } from "../../../orb/index.ts";
import { parseConfig } from "../../../services/node/index.ts";
import type { Placement } from "../../../services/lane-thread/index.ts";
import { settingsOf } from "../../../services/lanes/index.ts";
import { laneSpec } from "./laned.ts";

const PROGRAM: string = fileURLToPath(new URL("./placed.js", import.meta.url));
/** As root, without the right; another user does not have it. */
const UNPRIVILEGED: readonly string[] =
  process.getuid?.() === 0
    ? ["setpriv", "--bounding-set", "-sys_nice", "--inh-caps", "-sys_nice", process.execPath]
    : [process.execPath];

interface Said {
  readonly answer: string;
  readonly placements: readonly Placement[];
  readonly warnings: readonly string[];
  /** Threads of V8 and libuv. */
  readonly helpers: readonly Scheduling[];
}

async function placed(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Said> {
  const [program = process.execPath, ...args] = command;
  const options = { env: { ...process.env, ...env }, timeout: 50_000 };
  const { stdout } = await promisify(execFile)(program, [...args, PROGRAM], options);
  return JSON.parse(stdout) as Said;
}

test.serial("a program started with --single-threaded-gc has lanes like any other", async (t) => {
  const { answer } = await placed([process.execPath, "--single-threaded-gc"]);
  t.is(answer, "hello");
});

test.serial(
  "without the addon a lane serves, and one warning says what it does without and why",
  async (t) => {
    const { answer, placements, warnings } = await placed([process.execPath], {
      ORBWEAVER_NATIVE: "off",
    });
    t.is(answer, "hello");
    t.is(placements[0]?.scheduling, undefined);
    t.deepEqual(warnings, [
      'warn lane "alarms" serves without what it asked for: SCHED_FIFO 36 on core 0 was not granted (switched off by ORBWEAVER_NATIVE=off)',
    ]);
  },
);

test.serial(
  "without the right a lane serves, and one warning names lane, right and command",
  async (t) => {
    if (loadNative() === undefined) throw new Error(nativeFault());
    const { answer, placements, warnings } = await placed(UNPRIVILEGED);
    t.is(answer, "hello");
    t.deepEqual(placements[0]?.scheduling, { policy: "other", nice: 0 });
    t.deepEqual(placements[0]?.cores, [0], "affinity needs no right");
    const [warning = "", ...more] = warnings.filter((line) => line.startsWith("warn"));
    t.deepEqual(more, []);
    t.regex(
      warning,
      /^warn lane "alarms" serves without what it asked for: SCHED_FIFO 36 was not granted \(.*CAP_SYS_NICE or an RLIMIT_RTPRIO of 36 is missing; now: sudo prlimit --pid \d+ --rtprio=36; for good: sudo setcap cap_sys_nice\+ep \/.*\)$/,
    );
  },
);

test.serial("with the right a lane runs as it asked, and says so", async (t) => {
  const said = await placed([process.execPath]);
  const [placement] = said.placements;
  t.is(said.answer, "hello");
  if (placement?.refused.length === 0) {
    t.deepEqual(placement.scheduling, { policy: "fifo", priority: 36 });
    t.deepEqual(placement.cores, [0]);
    t.deepEqual(said.warnings, ['info lane "alarms" runs']);
    const above = said.helpers.filter(({ policy }) => policy === "fifo");
    if (availableParallelism() > 1)
      t.true(above.length >= 4, "V8's helpers run above the lane, on other cores");
    for (const each of above) t.deepEqual(each, { policy: "fifo", priority: 37 });
  } else {
    t.log("no right to real-time scheduling here: the refusal is looked at");
    t.regex(placement?.refused[0]?.why ?? "", /CAP_SYS_NICE|rt_runtime_us/);
  }
});

test.serial("a lane of a program takes the settings of its name, else of its priority", (t) => {
  const { lanes } = parseConfig(
    `[lanes.alarms]
priority = 25000
scheduling = "deadline"
runtimeUs = 600
periodUs = 2000
youngGenerationMb = 2
oldGenerationMb = 128
listen = "iiop://127.0.0.1:2811"
`,
    "m.toml",
  );
  const settings = settingsOf(laneSpec("pool 1, lane 0"), lanes["alarms"], {
    publish: ["metro1.example:2810"],
  });
  t.deepEqual(settings.wish.scheduling, {
    policy: "deadline",
    runtimeNs: 600_000,
    deadlineNs: 2_000_000,
    periodNs: 2_000_000,
  });
  t.deepEqual(settings.limits, { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 128 });
  t.deepEqual(settings.opening.listen, ["iiop://127.0.0.1:2811"]);
  t.deepEqual(settings.opening.publish, ["metro1.example:{port}"]);
});
