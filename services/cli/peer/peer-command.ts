import type { RunningPeer } from "../../peer/index.ts";
import type { PeerConfig } from "../../node/index.ts";
import { type Command, readArguments, type Surroundings, UsageError } from "../../command/index.ts";
import { helpText } from "../../settings/index.ts";
import { lineLogger } from "../line-logger.ts";
import type { Logger } from "../../../orb/index.ts";

/** Milliseconds that what services left running may keep an ended peer. */
const LINGER_MS = 250;
const DONE = 0;
const FAILED = 1;
const WRONG_USE = 2;
const NOT_IN_ORDER = 3;

const HELP = `Usage: orbweaver peer --config FILE... [--set TABLE.KEY=VALUE]... [--check | --print-config]

A peer of the runtime: an ORB with lanes, its place among the other peers, a naming service, and the
services of its configuration. Runs until SIGTERM or SIGINT, then leaves in order within peer.stopMs; a
second signal ends it at once.

  --config FILE          TOML; several may be given: later ones win, key by key, services are added
  --set TABLE.KEY=VALUE  one key, as a file would have it; wins over files
  --check                reads the configuration and starts nothing
  --print-config         prints the values in force, as a file would have them, and starts nothing
  --help                 this text, and every key
  --options              every key as tables of Markdown

It prints what others reach it by, a line each: Peer=, NameService=, overlay=, health=; "ready" is the
last line, printed when it is in the overlay and all its services run.

Exit codes: 0 ended in order; 1 did not start, or failed; 2 called or configured in a wrong way;
3 was told to end, and had not done so in order within peer.stopMs.

Keys of the configuration:
`;

const OPTIONS = {
  config: { type: "string", multiple: true },
  set: { type: "string", multiple: true },
  check: { type: "boolean" },
  "print-config": { type: "boolean" },
  options: { type: "boolean" },
} as const;

// Here and not at the top: no other command needs them.
const load = {
  node: () => import("../../node/index.ts"),
  peer: () => import("../../peer/index.ts"),
} as const;

/** What others reach a peer by. */
function linesOf({ orb, naming, overlay, health }: RunningPeer): readonly string[] {
  const [first] = orb.publishedAddresses;
  const host = first?.host ?? "";
  const at = `${host.includes(":") ? `[${host}]` : host}:${first?.port ?? 0}`;
  return [
    `Peer=corbaloc::${at}/Peer`,
    ...(naming === undefined ? [] : [`NameService=corbaloc::${at}/NameService`]),
    ...(overlay === undefined ? [] : [`overlay=${overlay.ref.address}`]),
    ...(health === undefined ? [] : [`health=${health}`]),
  ];
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** What is less urgent is dropped. */
function aboveLevel(log: Logger, least: (typeof LEVELS)[number]): Logger {
  const line =
    (level: (typeof LEVELS)[number]): Logger["info"] =>
    (message, fields) => {
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(least)) log[level](message, fields);
    };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

async function loggerOf(
  { name, settings }: PeerConfig,
  complain: (line: string) => void,
): Promise<Logger> {
  const { level, form } = settings.log;
  if (form === "json") {
    const { pinoLogger } = await load.node();
    return pinoLogger({ level, name, destination: process.stderr });
  }
  return aboveLevel(lineLogger(complain, true), level);
}

async function run(
  config: PeerConfig,
  { print, complain, stop, exitWithin }: Surroundings,
): Promise<number> {
  const { runPeer } = await load.node();
  const { unfinished } = await runPeer({
    config,
    logger: await loggerOf(config, complain),
    stop,
    started: (peer) => {
      for (const line of linesOf(peer)) print(line);
      void peer.whenReady(stop).then((isReady) => {
        if (isReady) print("ready");
      });
    },
  });
  // A service may have left timers, sockets or threads behind.
  exitWithin?.(LINGER_MS);
  if (unfinished.length === 0) return DONE;
  complain(`orbweaver: peer: had not ended in order in time: ${unfinished.join(", ")}`);
  return NOT_IN_ORDER;
}

/** The exit code of what went wrong, told in words; anything else is thrown on. */
async function explain(
  thrown: unknown,
  { complain, stop, exitWithin }: Surroundings,
): Promise<number> {
  const { ConfigError } = await load.node();
  const { PartFailed } = await load.peer();
  if (thrown instanceof ConfigError) {
    complain(`orbweaver: peer: ${thrown.message}`);
    return WRONG_USE;
  }
  exitWithin?.(LINGER_MS);
  // Told to end while it started: all that was there has ended.
  if (stop.aborted) return DONE;
  if (!(thrown instanceof PartFailed)) throw thrown;
  complain(`orbweaver: peer: ${thrown.message}`);
  return FAILED;
}

/** `orbweaver peer`: the peer as a daemon. */
export const peerCommand: Command = {
  name: "peer",
  summary: "runs a peer: ORB, lanes, overlay, naming and services by a configuration",
  help: async () => {
    const { PEER_TABLES } = await load.node();
    return `${HELP}\n${helpText(PEER_TABLES)}`;
  },
  run: async (args, surroundings) => {
    const { lists, flags, words } = readArguments("peer", args, OPTIONS);
    if (words.length > 0) throw new UsageError(`peer: "${words[0]}" is no option`);
    const { print } = surroundings;
    const { loadPeerConfig, PEER_TABLES, peerConfigText } = await load.node();
    if (flags.has("options")) {
      const { markdownText } = await import("../../settings/index.ts");
      print(markdownText(PEER_TABLES));
      return DONE;
    }
    const { config: files = [], set: settings = [] } = lists;
    if (files.length + settings.length === 0)
      throw new UsageError("peer: --config FILE is needed; --set alone does for a trial");
    try {
      const config = await loadPeerConfig({ files, settings });
      if (flags.has("print-config")) print(peerConfigText(config).trimEnd());
      else if (!flags.has("check")) return await run(config, surroundings);
      return DONE;
    } catch (thrown) {
      return await explain(thrown, surroundings);
    }
  },
};
