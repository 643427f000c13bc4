import { isAbsolute } from "node:path";
import type { ORB } from "../../orb/index.ts";
import { serveGroupControl } from "../group-control/index.ts";
import type { NamesNode } from "../names/index.ts";
import { serveNamesControl } from "../names-node/index.ts";
import type { Door } from "../replication/index.ts";
import * as Peers from "./gen/Peers.ts";
import { moduleUrl } from "./allow-list.ts";
import { standardPath } from "./activator.ts";
import { type ControlTable, SERVICE_OPTIONS, type ServiceTable } from "./options.ts";
import { ServiceFailed, type ServiceRunner, type ServiceSpec } from "./service-runner.ts";
import { DemandError, NotAllowedError, type Services, UnknownServiceError } from "./services.ts";
import { tableOf } from "../settings/index.ts";

/** The object key of each peer. */
export const PEER_KEY = "Peer";

const STATES: Readonly<Record<ServiceRunner["state"]["at"], Peers.ServiceState>> = {
  stopped: "SERVICE_STOPPED",
  starting: "SERVICE_STARTING",
  running: "SERVICE_RUNNING",
  stopping: "SERVICE_STOPPING",
  failed: "SERVICE_FAILED",
};

function statusOf(runner: ServiceRunner): Peers.ServiceStatus {
  const { spec, state } = runner;
  return {
    name: spec.name,
    state: STATES[state.at],
    servant_module: spec.module,
    servant_export: spec.export,
    adapter: spec.poa ?? standardPath(spec.lane),
    lane: spec.lane ?? "",
    names: spec.names,
    reference: state.at === "running" ? state.reference : "",
    failures: runner.failures,
    reason: state.at === "failed" ? state.reason : "",
    since_ms: BigInt(Math.round(runner.inStateMs)),
    configured: spec.configured,
  };
}

function jsonOf(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new DemandError(`the ${what} are no JSON: ${json}`, { cause });
  }
}

function argumentsOf(json: string): readonly unknown[] {
  const read = jsonOf(json === "" ? "[]" : json, "arguments");
  if (!Array.isArray(read)) throw new DemandError(`the arguments are to be a JSON array: ${json}`);
  return read as readonly unknown[];
}

/** A demand by the same checks as a table of the configuration. @throws DemandError */
function specOf(demand: Peers.ServiceDemand): ServiceSpec {
  const { name, servant_module: module, servant_export: exported, adapter, lane, names } = demand;
  const { replication_json: replication } = demand;
  const table: Record<string, unknown> = {
    name,
    module,
    export: exported,
    args: argumentsOf(demand.arguments_json),
    names,
    restart: "never",
    ...(adapter === "" ? {} : { poa: adapter }),
    ...(lane === "" ? {} : { lane }),
    ...(replication === "" ? {} : { replication: jsonOf(replication, "replication") }),
  };
  const spec = tableOf(SERVICE_OPTIONS)(table, (what, at) => {
    throw new DemandError(at === undefined ? what : `${at}: ${what}`);
  }) as ServiceTable;
  if (module.startsWith(".") && !isAbsolute(module))
    throw new DemandError(`module: a whole path, a URL or a package is needed, not ${module}`);
  return { ...spec, module: moduleUrl(module, "/"), configured: false };
}

/** What a fault of services is in IDL. */
function toIdl(thrown: unknown, name: string): unknown {
  if (thrown instanceof UnknownServiceError)
    return new Peers.UnknownService({ service: thrown.service, known: thrown.known });
  if (thrown instanceof NotAllowedError) return new Peers.NotAllowed({ reason: thrown.message });
  if (thrown instanceof DemandError) return new Peers.BadDemand({ reason: thrown.message });
  if (thrown instanceof ServiceFailed)
    return new Peers.ServiceFault({ service: name, reason: thrown.message });
  return thrown;
}

/** Peers::Peer: the services of this peer, as far as `[control]` lets others at them. */
export class ControlServant extends Peers.PeerSkeleton {
  readonly #name: string;
  readonly #access: ControlTable["access"];
  readonly #services: Services;

  constructor(name: string, access: ControlTable["access"], services: Services) {
    super();
    this.#name = name;
    this.#access = access;
    this.#services = services;
  }

  override _get_name(): string {
    return this.#name;
  }

  override services(): Peers.ServiceStatuses {
    this.#check(["read", "full"]);
    return this.#services.list().map(statusOf);
  }

  override start(name: string): Promise<Peers.ServiceStatus> {
    return this.#change(name, () => this.#services.start(name));
  }

  override stop(name: string): Promise<Peers.ServiceStatus> {
    return this.#change(name, () => this.#services.stop(name));
  }

  override deploy(demand: Peers.ServiceDemand): Promise<Peers.ServiceStatus> {
    return this.#change(demand.name, () => this.#services.deploy(specOf(demand)));
  }

  async #change(name: string, act: () => Promise<ServiceRunner>): Promise<Peers.ServiceStatus> {
    this.#check(["full"]);
    try {
      return statusOf(await act());
    } catch (thrown) {
      throw toIdl(thrown, name);
    }
  }

  #check(needed: readonly ControlTable["access"][]): void {
    if (needed.includes(this.#access)) return;
    throw new Peers.NotAllowed({
      reason: `control.access of this peer is "${this.#access}"; "${needed.join('" or "')}" is needed`,
    });
  }
}

/** What a peer lets others at. */
export interface Controlled {
  readonly servant: ControlServant;
  readonly services: Services;
  /** undefined: its names and its groups are nobody's to change from afar. */
  readonly names: NamesNode | undefined;
  readonly groups: ReadonlyMap<string, Door> | undefined;
}

/** Lets operators reach a peer. @returns ends it */
export async function serveControl(
  orb: ORB,
  { servant, services, names, groups }: Controlled,
): Promise<() => Promise<void>> {
  const poa = await orb.rootPOA.createPoa("peer", {
    lifespan: "PERSISTENT",
    idAssignment: "USER_ID",
  });
  orb.bindPlainKey(PEER_KEY, await poa.activate(PEER_KEY, servant));
  poa.the_POAManager.activate();
  const endNames = names && (await serveNamesControl(orb, names));
  const control = groups && {
    doors: groups,
    // As they are when it is asked: services come from afar, too.
    get factories(): ReturnType<Services["replicas"]> {
      return services.replicas();
    },
  };
  const endGroups = control && (await serveGroupControl(orb, control));
  return async () => {
    await endGroups?.();
    await endNames?.();
    orb.bindPlainKey(PEER_KEY, null);
    await poa.destroy(true, true);
  };
}
