import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { threadId } from "node:worker_threads";
import type { ExecutionContext } from "ava";
import { ControlGroups } from "../../../native/index.ts";
import {
  coresOfHost,
  defaultConfig,
  type QosDaemon,
  type QosDaemonOptions,
  type QosdConfig,
  startQosDaemon,
} from "../../../services/qos/index.ts";

export const groups: ControlGroups = ControlGroups.find();
/** Whether groups can be made for real here. */
export const isReal: boolean =
  process.getuid?.() === 0 &&
  groups.versionOf("cpu") === 1 &&
  groups.versionOf("cpuset") === 1 &&
  coresOfHost().length >= 2;

/** Lines of a log, and a promise for the first that matches. */
export class Lines {
  readonly all: string[] = [];
  readonly #waiting: { readonly form: RegExp; readonly tell: (line: string) => void }[] = [];

  readonly add = (line: string): void => {
    this.all.push(line);
    for (const { form, tell } of this.#waiting) if (form.test(line)) tell(line);
  };

  readonly logger: QosDaemonOptions["logger"] = {
    debug: () => undefined,
    info: (message, fields) => this.add(`info: ${message} ${JSON.stringify(fields ?? {})}`),
    warn: (message, fields) => this.add(`warn: ${message} ${JSON.stringify(fields ?? {})}`),
    error: (message, fields) => this.add(`error: ${message} ${JSON.stringify(fields ?? {})}`),
  };

  next(form: RegExp): Promise<string> {
    return new Promise((tell) => this.#waiting.push({ form, tell }));
  }
}

let made = 0;

/** A configuration with a group, a socket and a small budget of the test's own. */
export async function testConfig(
  t: ExecutionContext,
  more: Partial<QosdConfig> = {},
): Promise<QosdConfig> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-qos-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const [system = 0, ...others] = coresOfHost();
  return {
    ...defaultConfig(),
    socket: join(folder, "qosd.sock"),
    // Test files are threads of one process.
    group: `orbweaver-test-${process.pid}-${threadId}-${++made}`,
    partitions: [
      {
        name: "system",
        use: "system",
        cores: [system],
        realtime: { runtime_us: 0, period_us: 0 },
        memoryOctets: undefined,
        awake: undefined,
      },
      {
        name: "runtimes",
        use: "runtimes",
        cores: others.length > 0 ? others.slice(0, 1) : [system],
        realtime: { runtime_us: 100_000, period_us: 1_000_000 },
        memoryOctets: 1_000_000_000,
        awake: undefined,
      },
    ],
    ...more,
  };
}

export async function startDaemon(
  t: ExecutionContext,
  more: Partial<QosdConfig> = {},
  options: Partial<QosDaemonOptions> = {},
): Promise<{ readonly daemon: QosDaemon; readonly lines: Lines; readonly config: QosdConfig }> {
  const config = await testConfig(t, more);
  const lines = new Lines();
  const daemon = await startQosDaemon({ config, logger: lines.logger, ...options });
  t.teardown(() => daemon.close());
  return { daemon, lines, config };
}

/** A process of the tests, with the first line it says, as JSON. */
export interface Started {
  readonly child: ChildProcess;
  readonly said: Readonly<Record<string, unknown>>;
}

export async function startPeer(
  t: ExecutionContext,
  args: readonly string[],
  before: readonly string[] = [],
): Promise<Started> {
  const program = fileURLToPath(new URL("peer.js", import.meta.url));
  const [command = process.execPath, ...rest] = [...before, process.execPath, program, ...args];
  const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
  t.teardown(() => child.kill("SIGKILL"));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { child, said: JSON.parse(line) as Record<string, unknown> };
}
