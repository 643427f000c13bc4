import { portable } from "../../../interceptors/index.ts";
import { type Command, UsageError } from "../../command/index.ts";
import { readServing, serve, servingHelp } from "../serving.ts";

const DEFAULT_LISTEN = "127.0.0.1:2811";
const LEAST_SILENT_MS = 100;
const MOST_SILENT_MS = 3_600_000;

const HELP = `Usage: orbweaver manager [--listen HOST:PORT] [--silent-ms N] [--ior-file FILE] [--verbose] [-ORB... VALUE]...

The replication manager of FLARe: knows the replicas of objects and how busy their processors are, and tells
clients beforehand where to go when one fails. Serves until it is interrupted. Servers, monitors and clients
reach it by

  -ORBInitRef ReplicationManager=corbaloc::HOST:PORT/ReplicationManager

  --silent-ms N        without a report of its monitor for so long a processor counts as failed (default 5000)
${servingHelp(DEFAULT_LISTEN)}
docs/redirection.md tells how servers register, and what a client needs.
`;

function silentOf(texts: readonly string[] | undefined): number | undefined {
  const text = texts?.at(-1);
  if (text === undefined) return undefined;
  const value = Number(text.trim() || Number.NaN);
  if (value >= LEAST_SILENT_MS && value <= MOST_SILENT_MS) return value;
  throw new UsageError(
    `manager: --silent-ms ${text}: a number is needed, ${LEAST_SILENT_MS} to ${MOST_SILENT_MS}`,
  );
}

/** `orbweaver manager`: the middleware replication manager. */
export const managerCommand: Command = {
  name: "manager",
  summary: "tells clients where to go when a server fails: the replication manager",
  help: HELP,
  run: async (args, surroundings) => {
    const serving = readServing("manager", args, DEFAULT_LISTEN, { "silent-ms": {} });
    const [file] = serving.files;
    if (file !== undefined) throw new UsageError(`manager: "${file}" has no place here`);
    const silentMs = silentOf(serving.values["silent-ms"]);
    const { FailoverLocator, MANAGER_KEY, startManager } = await import("../../manager/index.ts");
    const locator = new FailoverLocator();
    return await serve(
      MANAGER_KEY,
      serving,
      surroundings,
      (orb, logger) =>
        startManager({ orb, locator, logger, ...(silentMs === undefined ? {} : { silentMs }) }),
      { initializers: portable([locator]) },
    );
  },
};
