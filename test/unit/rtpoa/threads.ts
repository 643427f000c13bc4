import type { ExecutionContext } from "ava";
import {
  type Logger,
  type ModuleServant,
  type ObjectReference,
  type ORB,
  ORB_init,
  type OrbConfig,
} from "../../../orb/index.ts";
import { wire } from "../../../services/node/index.ts";
import { sample } from "../../support/sample.ts";
import { lanesOf, PRIORITIES } from "./support.ts";

export const MODULE: string = new URL("module-servants.js", import.meta.url).href;

/** A servant that says at which priority it runs, and in which thread. */
export const seer: ModuleServant = { module: MODULE, export: "PrioritySeer" };

/** A server whose lanes are threads, and a client. */
export interface Threads {
  readonly server: ORB;
  readonly client: ORB;
  /** Lanes of {@link PRIORITIES}. */
  readonly pool: number;
  /** The reference as the client has it. */
  readonly far: (reference: ObjectReference) => Promise<ObjectReference>;
}

/** Lanes of ordinary scheduling, one thread each. */
export async function threads(
  t: ExecutionContext,
  {
    orb = {},
    logger,
    args = [],
  }: {
    readonly orb?: OrbConfig;
    readonly logger?: Logger;
    readonly args?: readonly string[];
  } = {},
): Promise<Threads> {
  const names = [...PRIORITIES.map((_, lane) => `alarms, lane ${lane}`), "flat"];
  const ordinary = { scheduling: "other", warmUpCalls: 0 } as const;
  const lanes = Object.fromEntries(names.map((name) => [name, ordinary]));
  const server = await ORB_init(args, wire({ orb, lanes }, logger === undefined ? {} : { logger }));
  const client = await ORB_init([], { config: { orb: { listen: [] } } });
  t.teardown(async () => {
    await client.destroy();
    await server.destroy();
  });
  server.rootPOA.the_POAManager.activate();
  const pool = await server.rt.create_threadpool_with_lanes(
    0,
    lanesOf(PRIORITIES),
    false,
    false,
    0,
    0,
    { name: "alarms" },
  );
  const far = async (reference: ObjectReference): Promise<ObjectReference> =>
    (await client.string_to_object(server.object_to_string(reference))) as ObjectReference;
  return { server, client, pool, far };
}

/** A call at a priority. */
export function at(
  orb: ORB,
  priority: number,
  reference: ObjectReference,
  text: string = "x",
): Promise<string> {
  return orb.rt.current.withPriority(priority, () => sample.echo(reference, text));
}

/** The object at the endpoint of another lane of its pool: as a client calls it that knows nothing of lanes. */
export async function astray(
  { server, client, pool }: Threads,
  reference: ObjectReference,
  lane: number,
): Promise<ObjectReference> {
  const { endpoint } = server.rt.threadpoolState(pool).lanes[lane] ?? {};
  const [target] = reference._core.ownTargets;
  const key = [...(target?.objectKey ?? [])].map(
    (octet) => `%${octet.toString(16).padStart(2, "0")}`,
  );
  const url = `corbaloc:iiop:1.2@${endpoint?.host}:${endpoint?.port}/${key.join("")}`;
  return (await client.string_to_object(url)) as ObjectReference;
}
