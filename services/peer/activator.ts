import type { CosNaming } from "../../idl/index.ts";
import type { Logger } from "../../orb/base/index.ts";
import {
  makeServant,
  type ModuleServant,
  type ObjectReference,
  type ORB,
  type RTPOA,
  string_to_ObjectId,
} from "../../orb/index.ts";
import { beginService, endService } from "./service-hooks.ts";
import type { Discovery } from "../overlay/index.ts";
import type { LaneConfig } from "../lanes/index.ts";
import type { Names } from "./names.ts";
import type { Activation, ServiceSpec } from "./service-runner.ts";

export interface ActivatorOptions {
  readonly orb: ORB;
  readonly lanes: Readonly<Record<string, LaneConfig>>;
  /** The pool of those lanes; undefined where there are none. */
  readonly pool: number | undefined;
  readonly names: Names;
  /** The naming service of this peer, for services that bind more. */
  readonly naming: CosNaming.NamingContext | undefined;
  readonly logger: Logger;
  /** Name of this peer. */
  readonly peer: string;
  /** Where services are made known; undefined: nowhere. */
  readonly discovery: Discovery | undefined;
  /** Tells the instances of one name apart: the peer's own. */
  readonly instance: string;
}

interface Adapter {
  readonly lane: string | undefined;
  readonly made: Promise<RTPOA>;
}

/** Where services are that name no adapter. */
export function standardPath(lane: string | undefined): string {
  return lane === undefined ? "services" : `services-${lane}`;
}

function moduleOf({ module, export: name, args }: ServiceSpec): ModuleServant {
  return { module, export: name, args };
}

function laneText(lane: string | undefined): string {
  return lane === undefined ? "the main thread" : `lane "${lane}"`;
}

/** Brings services to life in object adapters of their own. */
export class Activator {
  readonly #options: ActivatorOptions;
  /** By path. */
  readonly #adapters: Map<string, Adapter> = new Map();

  constructor(options: ActivatorOptions) {
    this.#options = options;
  }

  async activate(spec: ServiceSpec): Promise<Activation> {
    const poa = await this.#adapter(spec);
    return spec.lane === undefined ? this.#here(spec, poa) : this.#inLane(spec, poa);
  }

  /** In this thread: the servant is told where it lives. */
  async #here(spec: ServiceSpec, poa: RTPOA): Promise<Activation> {
    const { orb, discovery, naming, logger, peer } = this.#options;
    const { id = spec.name, name } = spec;
    const servant = await makeServant(moduleOf(spec));
    const oid = string_to_ObjectId(id);
    poa.activate_object_with_id(oid, servant);
    const reference = poa.id_to_reference(oid);
    const end = async (): Promise<void> => {
      poa.deactivate_object(oid);
      await endService(servant);
    };
    const context = { name, peer, orb, poa, reference, naming, discovery, logger };
    try {
      await beginService(servant, context);
    } catch (thrown) {
      await end().catch(() => undefined);
      throw thrown;
    }
    return this.#activation(spec, reference, end);
  }

  async #inLane(spec: ServiceSpec, poa: RTPOA): Promise<Activation> {
    const { id = spec.name } = spec;
    const reference = await poa.activateModule(id, moduleOf(spec));
    return this.#activation(spec, reference, () => poa.deactivateModule(id));
  }

  #activation(
    spec: ServiceSpec,
    reference: ObjectReference,
    deactivate: () => Promise<void>,
  ): Activation {
    const text = this.#options.orb.object_to_string(reference);
    return {
      reference: text,
      announce: () => this.#announce(spec, reference, text),
      withdraw: () => this.#withdraw(spec, text),
      deactivate,
    };
  }

  async #announce(spec: ServiceSpec, reference: ObjectReference, text: string): Promise<void> {
    const { names, discovery, instance } = this.#options;
    for (const each of spec.names) await names.bind(each, reference);
    if (spec.publish)
      discovery?.publish({
        name: spec.name,
        instance,
        reference: text,
        attributes: spec.attributes,
      });
  }

  async #withdraw(spec: ServiceSpec, text: string): Promise<void> {
    const { names, discovery, instance } = this.#options;
    if (spec.publish) discovery?.withdraw(spec.name, instance);
    const results = await Promise.allSettled(spec.names.map((each) => names.unbind(each, text)));
    const failed = results.flatMap((each) =>
      each.status === "rejected" ? [(each.reason as Error).message] : [],
    );
    if (failed.length > 0) throw new Error(failed.join("; "));
  }

  /** `a/b`, made where it is not there. @throws Error for one that is in another lane */
  async #adapter({ poa: path, lane }: ServiceSpec): Promise<RTPOA> {
    const steps = (path ?? standardPath(lane)).split("/");
    let adapter = this.#options.orb.rootPOA;
    for (const [at, name] of steps.entries()) {
      const own = at === steps.length - 1 ? lane : undefined;
      adapter = await this.#child(adapter, steps.slice(0, at + 1).join("/"), name, own);
    }
    return adapter;
  }

  async #child(
    parent: RTPOA,
    path: string,
    name: string,
    lane: string | undefined,
  ): Promise<RTPOA> {
    let known = this.#adapters.get(path);
    if (known === undefined) {
      known = { lane, made: this.#make(parent, name, lane) };
      this.#adapters.set(path, known);
      // The next service that needs it tries again.
      known.made.catch(() => this.#adapters.delete(path));
    }
    if (known.lane !== lane)
      throw new Error(
        `poa "${path}" is in ${laneText(known.lane)}, and cannot be in ${laneText(lane)}, too: give the service another poa`,
      );
    return await known.made;
  }

  async #make(parent: RTPOA, name: string, lane: string | undefined): Promise<RTPOA> {
    const lasting = { lifespan: "PERSISTENT", idAssignment: "USER_ID" } as const;
    const { pool, lanes } = this.#options;
    if (lane === undefined) {
      const made = await parent.createPoa(name, lasting);
      made.the_POAManager.activate();
      return made;
    }
    const config = lanes[lane];
    if (pool === undefined || config === undefined) {
      const there = Object.keys(lanes).join(", ");
      throw new Error(`there is no lane "${lane}"; there are: ${there === "" ? "none" : there}`);
    }
    const made = await parent.createPoa(name, {
      ...lasting,
      threadpool: pool,
      priorityModel: { model: "SERVER_DECLARED", priority: config.priority ?? 0 },
    });
    made.the_POAManager.activate();
    return made;
  }
}
