import { portable } from "../../../interceptors/index.ts";
import type { Endpoint, Logger } from "../../../orb/index.ts";
import { type Command, UsageError } from "../../command/index.ts";
import { lineLogger } from "../line-logger.ts";
import { type OwnArguments, readServing, serve, servingHelp } from "../serving.ts";
import { MANAGER_GROUP, type ManagerGroup, openManagerGroup } from "./manager-group.ts";

const DEFAULT_LISTEN = "127.0.0.1:2811";
const LEAST_SILENT_MS = 100;
const MOST_SILENT_MS = 3_600_000;

const HELP = `Usage: orbweaver manager [--listen HOST:PORT] [OPTION]... [-ORB... VALUE]...

The replication manager of FLARe: knows the replicas of objects and how busy their processors are, and tells
clients beforehand where to go when one fails. Serves until it is interrupted. Servers, monitors and clients
reach it by

  -ORBInitRef ReplicationManager=corbaloc::HOST:PORT/ReplicationManager

  --group HOST:PORT    where other managers reach this one: several that know the same, of which any may fail
  --member HOST:PORT   the --group of one that founds the group: several allowed, the same at each, its own among them
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

const OWN = { "silent-ms": {}, group: {}, member: {} } as const;

/** The group of managers that is asked for; undefined for one that is alone. */
async function groupOf(
  { group, member: members = [] }: OwnArguments["values"],
  logger: Logger,
): Promise<ManagerGroup | undefined> {
  const own = group?.at(-1);
  if (own === undefined && members.length === 0) return undefined;
  const { parseAddress } = await import("../../group-net/index.ts");
  const placeOf = (address: string): Endpoint => {
    const place = parseAddress(address);
    if (place !== undefined) return place;
    throw new UsageError(`manager: ${address}: HOST:PORT is needed, port 1 to 65535`);
  };
  for (const address of members) placeOf(address);
  const place = own === undefined ? undefined : placeOf(own);
  if (own === undefined || place === undefined || !members.includes(own))
    throw new UsageError(
      `manager: --group ${own ?? "HOST:PORT"} is needed, and to be among --member ${members.join(", ") || "HOST:PORT"}`,
    );
  return await openManagerGroup(own, place, members, logger);
}

/** `orbweaver manager`: the middleware replication manager. */
export const managerCommand: Command = {
  name: "manager",
  summary: "tells clients where to go when a server fails: the replication manager",
  help: HELP,
  run: async (args, surroundings) => {
    const serving = readServing("manager", args, DEFAULT_LISTEN, OWN);
    const [file] = serving.files;
    if (file !== undefined) throw new UsageError(`manager: "${file}" has no place here`);
    const silentMs = silentOf(serving.values["silent-ms"]);
    const { FailoverLocator, MANAGER_KEY, startManager } = await import("../../manager/index.ts");
    const locator = new FailoverLocator();
    const logger = lineLogger(surroundings.complain, serving.isVerbose);
    await using group = await groupOf(serving.values, logger);
    return await serve(
      MANAGER_KEY,
      serving,
      surroundings,
      async (orb) => {
        const manager = await startManager({
          orb,
          locator,
          logger,
          ...(silentMs === undefined ? {} : { silentMs }),
          ...(group === undefined
            ? {}
            : { replication: { group: MANAGER_GROUP }, isSpeaking: group.isSpeaking }),
        });
        group?.attach(manager);
        return manager;
      },
      {
        initializers: portable([locator]),
        ...(group === undefined ? {} : { replicator: group.replicator }),
      },
    );
  },
};
