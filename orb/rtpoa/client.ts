import {
  Completion,
  DATA_CONVERSION,
  INV_POLICY,
  MINOR,
  NO_RESOURCES,
  TRANSIENT,
  UNKNOWN,
} from "../exception/index.ts";
import type { ServiceContext } from "../giop/index.ts";
import type { CallAddress, CallChoice, ChoosingCall, EndpointChoice } from "../hook/index.ts";
import { type PriorityEndpoint, readIiopProfile, taoEndpointsOf } from "../ior/index.ts";
import { publishedPolicies } from "../messaging/index.ts";
import {
  effectivePolicy,
  IIOP_PROTOCOL,
  type Policy,
  type PriorityBand,
  type PriorityModelValue,
  type Protocol,
  RT_POLICY,
} from "../policy/index.ts";
import type { Scheduler } from "../rt/index.ts";
import { isInBand } from "./combinations.ts";
import { BandBinding } from "./band-binding.ts";
import { bandContext, BIND_BAND, priorityContext } from "./contexts.ts";
import type { RealTimeHost } from "./placement.ts";
import { tcpPropertiesOf, tcpTag } from "./tcp-properties.ts";

/** TAO's sign for an endpoint that has no priority. */
const NO_PRIORITY = -1;

/** Whether a policy of the type asks something of calls that only this client does. */
export function isRealTimePolicy(type: number): boolean {
  const { clientProtocol, privateConnection, priorityBands } = RT_POLICY;
  return type === clientProtocol || type === privateConnection || type === priorityBands;
}

/** What a call keeps to. */
interface Wish {
  /** Of a CLIENT_PROPAGATED reference. */
  readonly priority: number | undefined;
  readonly band: PriorityBand | undefined;
  /** Of the connections that may be used. */
  readonly tag: string;
}

/**
 * The client's side of RT-CORBA: to which lane a call goes, over which connection, and what it says of its priority
 * (1.2, 5.7, 5.13 to 5.15). It starts with the first use of `orb.rt`: before, an ORB is a client that knows nothing of
 * priorities, and is served at the priority of the server's POA.
 */
export class RtClient implements EndpointChoice {
  readonly #rt: RealTimeHost;
  readonly #scheduler: Scheduler | undefined;
  readonly #endpoints = new WeakMap<object, Map<number, readonly PriorityEndpoint[]>>();
  readonly #private = new WeakMap<object, string>();
  #privateCount = 0;
  /** What servers were told of banded connections. */
  readonly binding: BandBinding = new BandBinding();
  /** Whether they are told. */
  bindsBands = false;

  constructor(rt: RealTimeHost, scheduler: Scheduler | undefined) {
    this.#rt = rt;
    this.#scheduler = scheduler;
  }

  /** @throws INV_POLICY, NO_RESOURCES, DATA_CONVERSION, UNKNOWN */
  begin(call: ChoosingCall): CallChoice | undefined {
    const published = publishedPolicies(call.currentIor);
    const joined = <T>(type: number): T | undefined =>
      effectivePolicy(call.override(type), published.get(type))?.value as T | undefined;
    const model = valueOf<PriorityModelValue>(published.get(RT_POLICY.priorityModel));
    const bands = joined<readonly PriorityBand[]>(RT_POLICY.priorityBands) ?? [];
    const protocols = joined<readonly Protocol[]>(RT_POLICY.clientProtocol) ?? [];
    checkProtocols(protocols);
    const tcp = tcpPropertiesOf(protocols);
    const isPrivate = call.override(RT_POLICY.privateConnection) !== undefined;
    const priority = this.#priorityOf(model);
    const isOrdinary =
      priority === undefined && bands.length === 0 && !isPrivate && tcp === undefined;
    if (isOrdinary) return undefined;
    const band = bandOf(bands, model, priority);
    const tag = [
      ...(band === undefined ? [] : [`band ${band.low}-${band.high}`]),
      ...(isPrivate ? [this.#privateTag(call.reference)] : []),
      ...(tcp === undefined ? [] : [tcpTag(tcp)]),
    ].join(" ");
    return this.#choice({ priority, band, tag }, call);
  }

  #choice(wish: Wish, { operation, reference }: ChoosingCall): CallChoice {
    const { priority, band } = wish;
    const isBinding = operation === BIND_BAND;
    const contexts: readonly ServiceContext[] = [
      ...(priority === undefined ? [] : [priorityContext(priority)]),
      ...(isBinding && band !== undefined ? [bandContext(band)] : []),
    ];
    return {
      contexts,
      order: (addresses) => {
        const chosen = this.#order(addresses, wish);
        const [first] = chosen;
        if (this.bindsBands && band !== undefined && !isBinding && first !== undefined) {
          this.binding.bind(reference, first);
        }
        return chosen;
      },
    };
  }

  #privateTag(reference: object): string {
    let tag = this.#private.get(reference);
    if (tag === undefined) {
      tag = `private ${++this.#privateCount}`;
      this.#private.set(reference, tag);
    }
    return tag;
  }

  /** What the call tells; undefined where there is nothing to tell. */
  #priorityOf(model: PriorityModelValue | undefined): number | undefined {
    if (model?.priority_model !== "CLIENT_PROPAGATED") return undefined;
    const { current, transform } = this.#rt;
    const running = current._peek();
    if (running === undefined) return current._isEnabled ? this.#nativePriority() : undefined;
    const { priority, objectId } = running;
    if (transform === undefined || objectId === undefined) return priority;
    const outside = transform.outbound(priority, objectId);
    if (outside !== undefined) return outside;
    const text = `the priority transform of the ORB lets no call out at ${priority}`;
    throw new UNKNOWN(text, MINOR.none, Completion.no);
  }

  #nativePriority(): number {
    const scheduler = this.#scheduler;
    const scheduling = scheduler?.scheduling(scheduler.threadId());
    if (scheduling?.policy === "fifo" || scheduling?.policy === "rr") {
      return this.#rt.mappings._priority(scheduling.priority);
    }
    throw new DATA_CONVERSION(
      "the object wants to be told a priority, and RTCurrent.the_priority is not set where the call is made",
      MINOR.priorityMappingFailed,
      Completion.no,
    );
  }

  #order(addresses: readonly CallAddress[], wish: Wish): readonly CallAddress[] {
    const { priority, tag } = wish;
    const [first] = addresses;
    if (first === undefined) return addresses;
    const tagged = (address: CallAddress): CallAddress =>
      tag === "" ? address : address.with({ tag });
    if (priority === undefined) return addresses.map(tagged);
    const profiles = addresses.filter(
      (address, at) => addresses.findIndex((each) => isSameProfile(each, address)) === at,
    );
    const usable = profiles.flatMap((address) => {
      const endpoints = this.#endpointsOf(address);
      if (endpoints.length === 0) return addresses.filter((each) => isSameProfile(each, address));
      return endpoints
        .filter((endpoint) => isUsable(endpoint, endpoints.length, wish))
        .map(({ host, port }) => address.with({ endpoint: { host, port } }));
    });
    if (usable.length > 0) return usable.map(tagged);
    const known = profiles.flatMap((address) =>
      this.#endpointsOf(address).map((endpoint) => endpoint.priority),
    );
    throw new TRANSIENT(
      `no endpoint of the reference is for priority ${priority}; they are for ${known.join(", ")}`,
      MINOR.noUsableEndpoint,
      Completion.no,
    );
  }

  #endpointsOf({ ior, profileIndex }: CallAddress): readonly PriorityEndpoint[] {
    let ofIor = this.#endpoints.get(ior);
    if (ofIor === undefined) {
      ofIor = new Map();
      this.#endpoints.set(ior, ofIor);
    }
    let endpoints = ofIor.get(profileIndex);
    if (endpoints === undefined) {
      const tagged = ior.profiles[profileIndex];
      endpoints =
        tagged === undefined ? [] : taoEndpointsOf(readIiopProfile(tagged.data).components);
      ofIor.set(profileIndex, endpoints);
    }
    return endpoints;
  }
}

function isSameProfile(a: CallAddress, b: CallAddress): boolean {
  return a.ior === b.ior && a.profileIndex === b.profileIndex;
}

function valueOf<T>(policy: Policy | undefined): T | undefined {
  return policy?.value as T | undefined;
}

function isUsable(
  { priority: there }: PriorityEndpoint,
  count: number,
  { priority, band }: Wish,
): boolean {
  if (there === NO_PRIORITY) return count === 1;
  return band === undefined ? there === priority : isInBand(band, there);
}

/** @throws INV_POLICY without a priority model, or without a band for the server's priority; NO_RESOURCES minor OMG 2 */
function bandOf(
  bands: readonly PriorityBand[],
  model: PriorityModelValue | undefined,
  propagated: number | undefined,
): PriorityBand | undefined {
  if (bands.length === 0) return undefined;
  if (model === undefined) {
    throw new INV_POLICY(
      "priority bands need a priority model, and the reference has none",
      MINOR.policiesIrreconcilable,
      Completion.no,
    );
  }
  const isDeclared = model.priority_model === "SERVER_DECLARED";
  const priority = propagated ?? (isDeclared ? model.server_priority : undefined);
  // A client that knows nothing of priorities has none that a band could be of.
  if (priority === undefined) return undefined;
  const band = bands.find((each) => isInBand(each, priority));
  if (band !== undefined) return band;
  const text = `priority ${priority} is in no band; bands: ${bands.map(({ low, high }) => `${low} to ${high}`).join(", ")}`;
  if (isDeclared) throw new INV_POLICY(text, MINOR.policiesIrreconcilable, Completion.no);
  throw new NO_RESOURCES(text, MINOR.noConnectionForPriority, Completion.no);
}

/** @throws INV_POLICY where IIOP, which is all that references are called by, is not among them */
function checkProtocols(protocols: readonly Protocol[]): void {
  if (protocols.length === 0) return;
  if (protocols.some(({ protocol_type: type }) => type === IIOP_PROTOCOL)) return;
  throw new INV_POLICY(
    `the call is to go by protocol ${protocols.map(({ protocol_type: type }) => type).join(", ")}; the reference has ${IIOP_PROTOCOL} (IIOP)`,
    MINOR.policiesIrreconcilable,
    Completion.no,
  );
}
