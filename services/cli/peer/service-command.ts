import { Peers } from "../../peer/index.ts";
import { OBJECT_NOT_EXIST, type ORB, SystemException } from "../../../orb/index.ts";
import { type Command, readArguments, type Surroundings, UsageError } from "../../command/index.ts";
import { objectOf } from "../calling.ts";
import { type Deed, doDeed } from "./deeds.ts";

const DEFAULT_PEER = "127.0.0.1:2809";

const HELP = `Usage: orbweaver service ls | start NAME | stop NAME [--peer HOST:PORT] [OPTION]...

Lists, starts and stops the services of a peer; control.access of its configuration says what it allows.

  ls                   name, state, where it runs, since when, names; "!" stands before services that failed
  start NAME           one of the configuration; with --module one that is not: control.allow must have its module
  stop NAME            its names go, discovery finds it no more, requests under way are answered

  --peer HOST:PORT     the peer (default ${DEFAULT_PEER}), or a reference of it: IOR:…, corbaloc:…
  --module URL         start: the servant's ES module, as the peer's machine finds it
  --export NAME        start: the class, or the function that makes the servant
  --args JSON          start: an array, what it is given (default [])
  --poa A/B            start: its object adapter
  --lane NAME          start: of the peer's configuration
  --name NAME          start: bound to it; may be given several times
  --json               ls: prints all there is as JSON
  --timeout SECONDS    what the call may take (default 30)
  -ORB... VALUE        arguments of the ORB
  --help               this text

Exit codes: 0 done, 1 the peer refused or could not, or does not answer, 2 called in a wrong way, 130 interrupted.
`;

const OPTIONS = {
  peer: { type: "string" },
  module: { type: "string" },
  export: { type: "string" },
  args: { type: "string" },
  poa: { type: "string" },
  lane: { type: "string" },
  name: { type: "string", multiple: true },
  json: { type: "boolean" },
  timeout: { type: "string" },
} as const;

const MS_PER_SECOND = 1_000;

function stateText(state: Peers.ServiceState): string {
  return state.slice("SERVICE_".length).toLowerCase();
}

function row(status: Peers.ServiceStatus): readonly string[] {
  const { name, state, lane, since_ms: since, names } = status;
  const seconds = (Number(since) / MS_PER_SECOND).toFixed(1);
  const mark = state === "SERVICE_FAILED" ? "!" : " ";
  return [
    `${mark} ${name}`,
    stateText(state),
    lane === "" ? "main thread" : `lane ${lane}`,
    `${seconds} s`,
    names.join(", "),
  ];
}

function tableText(statuses: Peers.ServiceStatuses): readonly string[] {
  const rows = [["  service", "state", "where", "since", "names"], ...statuses.map(row)];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((each) => each[at]?.length ?? 0)));
  const lines = rows.map((each) =>
    each
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const reasons = statuses.flatMap(({ name, reason, failures }) =>
    reason === "" ? [] : [`! ${name}: ${reason} (${failures} in a row)`],
  );
  return [...lines, ...reasons];
}

function jsonText(statuses: Peers.ServiceStatuses): string {
  const plain = statuses.map((status) => ({
    ...status,
    state: stateText(status.state),
    since_ms: Number(status.since_ms),
  }));
  return JSON.stringify(plain, undefined, 2);
}

type Given = ReturnType<typeof readArguments>;

function demandOf(name: string, { strings, lists }: Given): Peers.ServiceDemand {
  const { module = "", export: exported, args = "[]", poa = "", lane = "" } = strings;
  if (exported === undefined) throw new UsageError("service start: --module needs --export NAME");
  return {
    name,
    servant_module: module,
    servant_export: exported,
    arguments_json: args,
    adapter: poa,
    lane,
    names: lists["name"] ?? [],
    replication_json: "",
  };
}

interface Asked {
  readonly peer: Peers.Peer;
  readonly given: Given;
  readonly name: string;
}

const DEEDS: Readonly<Record<string, Deed<Asked>>> = {
  ls: {
    takes: [],
    run: async ({ peer, given }) => {
      const statuses = await peer.services();
      return given.flags.has("json") ? [jsonText(statuses)] : tableText(statuses);
    },
  },
  start: {
    takes: ["NAME"],
    run: async ({ peer, given, name }) => {
      const isNew = given.strings["module"] !== undefined;
      const demand = isNew ? demandOf(name, given) : undefined;
      return tableText([demand === undefined ? await peer.start(name) : await peer.deploy(demand)]);
    },
  },
  stop: {
    takes: ["NAME"],
    run: async ({ peer, name }) => tableText([await peer.stop(name)]),
  },
};

/** What the peer's refusals say to people; undefined for others. */
function refusal(thrown: unknown, at: string): string | undefined {
  if (thrown instanceof Peers.UnknownService)
    return `the peer has no service "${thrown.service}"; it has: ${thrown.known.join(", ") || "none"}`;
  if (thrown instanceof Peers.NotAllowed) return `not allowed: ${thrown.reason}`;
  if (thrown instanceof Peers.BadDemand) return thrown.reason;
  if (thrown instanceof Peers.ServiceFault) return thrown.reason;
  if (thrown instanceof OBJECT_NOT_EXIST)
    return `${at} is no peer that lets others see its services: [control] access = "read" of its configuration would`;
  if (thrown instanceof SystemException) return thrown.message;
  return undefined;
}

/** What a service that is not configured is made of. */
const OF_NEW = ["export", "args", "poa", "lane", "name"] as const;

/** @throws UsageError for options that would be passed over */
function check({ words: [verb = ""], strings, lists, flags }: Given): void {
  const isNew = strings["module"] !== undefined;
  if (isNew && verb !== "start") throw new UsageError("service: --module is for start alone");
  const lost = OF_NEW.find((name) => (strings[name] ?? lists[name]) !== undefined);
  if (!isNew && lost !== undefined)
    throw new UsageError(
      `service: --${lost} is for start with --module: a service of the configuration has its own`,
    );
  if (flags.has("json") && verb !== "ls") throw new UsageError("service: --json is for ls alone");
}

function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const given = readArguments("service", args, OPTIONS);
  check(given);
  const { peer: at = DEFAULT_PEER } = given.strings;
  const url = /^(?:ior|corbaloc|corbaname):/i.test(at) ? at : `corbaloc::${at}/Peer`;
  const target = async (orb: ORB, [name = ""]: readonly string[]): Promise<Asked> => {
    const peer = Peers.Peer.uncheckedNarrow(await objectOf(orb, "service", url));
    return { peer, given, name };
  };
  const why = (thrown: unknown): string | undefined => refusal(thrown, at);
  return doDeed({ command: "service", deeds: DEEDS, given, target, refusal: why }, surroundings);
}

/** `orbweaver service`: the services of a peer from the command line. */
export const serviceCommand: Command = {
  name: "service",
  summary: "lists, starts and stops the services of a peer",
  help: HELP,
  run,
};
