import type { QosdConfig } from "../qos/index.ts";
import { type Command, readArguments, type Surroundings, UsageError } from "../command/index.ts";
import { lineLogger } from "./line-logger.ts";

const STATUS_TIMEOUT_MS = 5_000;

const HELP = `Usage: orbweaver qosd [--config FILE] [--socket PATH] [--verbose] [--no-guard]
       orbweaver qosd [--config FILE] [--socket PATH] --status | --print-config

The QoS daemon of this host: divides its cores between the operating system and the runtimes, admits
what runtimes and their lanes ask for as long as there is enough, and keeps a control group for each.
Runs until SIGINT or SIGTERM; the groups go with it, and processes run on. One per host.

  --config FILE    TOML: [qosd], [partitions.NAME], [runtimes.NAME], [runtimes.NAME.lanes.NAME]; docs/qos.md
                   lists the keys. Without it core 0 is the system's and the others the runtimes'.
  --socket PATH    where to listen, or to ask (default /run/orbweaver/qosd.sock); only the owner may open it
  --status         prints the tree of groups of the daemon that runs, with what is free
  --print-config   prints the configuration in force and starts nothing
  --no-guard       starts no second process; it is what cleans up, within a second, when this one is killed.
                   Without it the next daemon does: for services that are started again by themselves.
  --verbose        tells of every runtime that comes and goes, not only of what goes wrong
  --help           this text

Exit codes: 0 ended in order, 1 failed, 2 called or configured in a wrong way.
`;

const OPTIONS = {
  config: { type: "string" },
  socket: { type: "string" },
  status: { type: "boolean" },
  "print-config": { type: "boolean" },
  verbose: { type: "boolean" },
  "no-guard": { type: "boolean" },
  // For the daemon itself: the process that cleans up after it.
  guard: { type: "boolean" },
} as const;

// Here and not at the top: no other command needs them.
const load = {
  node: () => import("../node/index.ts"),
  qos: () => import("../qos/index.ts"),
} as const;

async function configOf(file: string | undefined, socket: string | undefined): Promise<QosdConfig> {
  const { loadQosdConfig } = await load.node();
  const { defaultConfig } = await load.qos();
  const config = file === undefined ? defaultConfig() : await loadQosdConfig(file);
  return socket === undefined ? config : { ...config, socket };
}

async function printStatus(socket: string, { print, complain }: Surroundings): Promise<number> {
  const { connectToDaemon, qosFaultText, statusText } = await load.qos();
  try {
    const { orb, daemon } = await connectToDaemon(
      socket,
      lineLogger(() => undefined, false),
    );
    try {
      for (const line of statusText(await daemon.report({ timeoutMs: STATUS_TIMEOUT_MS })))
        print(line);
      return 0;
    } finally {
      await orb.destroy();
    }
  } catch (thrown) {
    complain(`orbweaver: qosd: no daemon answers at ${socket}: ${qosFaultText(thrown)}`);
    return 1;
  }
}

async function keep(
  config: QosdConfig,
  flags: ReadonlySet<string>,
  { print, complain, stop }: Surroundings,
): Promise<void> {
  const { daemonAddress, startGuard, startQosDaemon, statusText } = await load.qos();
  const logger = lineLogger(complain, flags.has("verbose"));
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
  // Let go after the daemon.
  await using _guard = flags.has("no-guard")
    ? undefined
    : await startGuard([...program, "qosd", "--guard"], config, logger);
  await using daemon = await startQosDaemon({ config, logger });
  const [controllers = ""] = statusText(daemon.report());
  print(controllers);
  print(`QosDaemon=${daemonAddress(config.socket)}`);
  if (stop.aborted) return;
  await new Promise<void>((ended) => {
    stop.addEventListener("abort", () => ended(), { once: true });
  });
}

/** Waits for the end of the daemon that started this. */
async function guardInput({ print, complain }: Surroundings): Promise<number> {
  const { guard } = await load.qos();
  await guard(process.stdin, print, lineLogger(complain, false));
  return 0;
}

/** The exit code of what went wrong, told in words; anything else is thrown on. */
async function explain(thrown: unknown, complain: (line: string) => void): Promise<number> {
  const { ConfigError } = await load.node();
  const { Qos, QosConfigError, qosFaultText } = await load.qos();
  const isSystem = thrown instanceof Qos.SystemRefused;
  const isWrong =
    thrown instanceof ConfigError ||
    thrown instanceof QosConfigError ||
    thrown instanceof Qos.Refused ||
    thrown instanceof Qos.BadDemand;
  if (!isSystem && !isWrong) throw thrown;
  complain(`orbweaver: qosd: ${qosFaultText(thrown)}`);
  return isSystem ? 1 : 2;
}

/** `orbweaver qosd`: the QoS daemon, and a look at it. */
export const qosdCommand: Command = {
  name: "qosd",
  summary: "keeps the control groups of lanes: the QoS daemon",
  help: HELP,
  run: async (args, surroundings) => {
    const { strings, flags, words } = readArguments("qosd", args, OPTIONS);
    if (words.length > 0) throw new UsageError(`qosd: "${words[0]}" is no option`);
    try {
      if (flags.has("guard")) return await guardInput(surroundings);
      const config = await configOf(strings["config"], strings["socket"]);
      if (flags.has("status")) return await printStatus(config.socket, surroundings);
      if (flags.has("print-config")) {
        const { qosdConfigText } = await load.node();
        surroundings.print(qosdConfigText(config).trimEnd());
      } else await keep(config, flags, surroundings);
      return 0;
    } catch (thrown) {
      return await explain(thrown, surroundings.complain);
    }
  },
};
