import type { Logger } from "../base/index.ts";
import { OWN_CODE_SETS } from "../cdr/index.ts";
import { INITIALIZE, OBJ_ADAPTER } from "../exception/index.ts";
import { ENTRANCE, type IiopServer } from "../iiop/index.ts";
import {
  alternateAddressComponent,
  codeSetsComponent,
  type Ior,
  ORB_TYPE,
  orbTypeComponent,
  type TaggedComponent,
  unixAddressComponent,
  writeIiopProfile,
} from "../ior/index.ts";
import { type Endpoint, type ListenEndpoint, placeOf } from "../transport/index.ts";
import { isWildcard, type PublishTemplate } from "./endpoints.ts";
import { hostsOf, publishedAddresses, thisMachine } from "./published.ts";

const IIOP_MINOR = 2;
/** Where the name of a run stands in a transient key of ours: behind `OWT`. */
const RUN_AT = 3;

/** What references that name one entrance say of it. */
interface Published {
  readonly addresses: readonly Endpoint[];
  readonly components: readonly TaggedComponent[];
  /** To be said once, when a reference is made: clients and others that are never called need not hear it. */
  warning: string | undefined;
}

/** Where an object is said to be, and which. */
interface Place {
  readonly place: string;
  readonly objectKey: Uint8Array;
}

/** Who wants to know what references of this ORB name. */
interface ListenPoints {
  addPoints(points: readonly Endpoint[]): void;
}

/** Endpoints of one entrance, as settings say them. */
export interface EntranceSettings {
  readonly listen: readonly Endpoint[];
  readonly publish: readonly PublishTemplate[];
}

/** Beside an IPv4 wildcard with the same port, `::` must leave the IPv4 addresses to it. */
function withFamilies(listen: readonly Endpoint[]): readonly ListenEndpoint[] {
  return listen.map((endpoint) =>
    endpoint.host === "::" &&
    listen.some(({ host, port }) => host !== "::" && isWildcard(host) && port === endpoint.port)
      ? { ...endpoint, ipv6Only: true }
      : endpoint,
  );
}

function addressText({ host, port }: Endpoint): string {
  return placeOf(host.includes(":") ? { host: `[${host}]`, port } : { host, port });
}

async function listen(server: IiopServer, at: ListenEndpoint, entrance: number): Promise<Endpoint> {
  try {
    return await server.listen(at, entrance);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new INITIALIZE(
      `cannot listen on ${at.path === undefined ? `iiop://${addressText(at)}` : placeOf(at)}: ${why}`,
      undefined,
      undefined,
      { cause },
    );
  }
}

function unreachable(addresses: readonly Endpoint[]): string {
  const names = addresses.map(addressText).join(", ");
  return `references made here name only ${names}, which no other machine reaches: listen on an address that others reach, as with iiop://0.0.0.0:PORT, or give what clients are to connect to in orb.publish`;
}

/** Where this ORB is reached: what its references say, and which references are its own. */
export class Addresses {
  readonly #run: Buffer;
  readonly #isShared: boolean;
  readonly #log: Logger;
  readonly #listens: ListenPoints;
  /** `HOST:PORT` and `unix:PATH` of this ORB. */
  readonly #own = new Set<string>();
  /** Those of lanes that references were made to. */
  readonly #lanes = new Set<string>();
  readonly #published = new Map<number, Published>();

  /**
   * @param isShared whether other ORBs have the same run: keys do not tell then where an object is called
   * @param listens is told what references name
   */
  constructor(run: Uint8Array, isShared: boolean, log: Logger, listens: ListenPoints) {
    this.#listens = listens;
    this.#run = Buffer.from(run);
    this.#isShared = isShared;
    this.#log = log;
  }

  /** Opens the endpoints of an entrance. @throws INITIALIZE naming the endpoint and why it cannot be had */
  async open(
    server: IiopServer,
    settings: EntranceSettings,
    entrance: number = ENTRANCE.main,
  ): Promise<void> {
    const listened: ListenEndpoint[] = [];
    for (const endpoint of withFamilies(settings.listen)) {
      const { port } = await listen(server, endpoint, entrance);
      listened.push({ ...endpoint, port });
    }
    const machine = thisMachine();
    const tcp = listened.filter(({ path }) => path === undefined);
    const { addresses, isOnlyLoopback } = publishedAddresses(tcp, settings.publish, machine);
    for (const endpoint of listened) {
      if (endpoint.path !== undefined) this.#own.add(placeOf(endpoint));
      else
        for (const host of hostsOf(endpoint, machine))
          this.#own.add(placeOf({ ...endpoint, host }));
    }
    for (const address of addresses) this.#own.add(placeOf(address));
    const sockets = listened.flatMap(({ path }) => (path === undefined ? [] : [path]));
    const components = [
      orbTypeComponent(ORB_TYPE.orbweaver),
      codeSetsComponent(OWN_CODE_SETS),
      ...addresses.slice(1).map((address) => alternateAddressComponent(address)),
      ...sockets.map((path) => unixAddressComponent({ host: machine.hostname, path })),
    ];
    // An object that has a socket and no address is said to be at the machine, at no port.
    const places =
      addresses.length === 0 && sockets.length > 0
        ? [{ host: machine.hostname, port: 0 }]
        : addresses;
    const warning = isOnlyLoopback ? unreachable(addresses) : undefined;
    if (entrance === ENTRANCE.main) this.#listens.addPoints(addresses);
    this.#published.set(entrance, { addresses: places, components, warning });
  }

  /** What references that name the entrance say of it; empty when it listens nowhere. */
  publishedAt(entrance: number): readonly Endpoint[] {
    return this.#published.get(entrance)?.addresses ?? [];
  }

  /** A reference to an object of this ORB. @throws OBJ_ADAPTER when the ORB listens nowhere */
  newIor(typeId: string, objectKey: Uint8Array, entrance: number): Ior {
    const published = this.#published.get(entrance);
    const { addresses: [first] = [], components = [] } = published ?? {};
    if (first === undefined) {
      throw new OBJ_ADAPTER(
        "this ORB listens on no endpoint, so nobody could call the object: give it one with -ORBListenEndpoints or orb.listen",
      );
    }
    if (published?.warning !== undefined) {
      this.#log.warn(published.warning);
      published.warning = undefined;
    }
    const profile = writeIiopProfile({
      minor: IIOP_MINOR,
      host: first.host,
      port: first.port,
      objectKey,
      components,
    });
    return { typeId, profiles: [profile] };
  }

  /** A reference that names one address: that of a lane. */
  newIorAt(typeId: string, objectKey: Uint8Array, { host, port }: Endpoint): Ior {
    this.#lanes.add(placeOf({ host, port }));
    const components = [orbTypeComponent(ORB_TYPE.orbweaver), codeSetsComponent(OWN_CODE_SETS)];
    const profile = writeIiopProfile({ minor: IIOP_MINOR, host, port, objectKey, components });
    return { typeId, profiles: [profile] };
  }

  /** Whether the object is called here: by address, or by the name of this run in its key, whatever host it was given. */
  isLocal(target: Place): boolean {
    return this.#own.has(target.place) || (!this.#isShared && this.#isOfRun(target.objectKey));
  }

  /** Whether the reference was made here, or by a lane of this process for the same POA: wherever it is called. */
  isOwn(target: Place): boolean {
    return (
      this.#own.has(target.place) ||
      this.#isOfRun(target.objectKey) ||
      this.#lanes.has(target.place)
    );
  }

  #isOfRun(key: Uint8Array): boolean {
    return (
      key[0] === 0x4f &&
      key[1] === 0x57 &&
      key[2] === 0x54 &&
      this.#run.equals(key.subarray(RUN_AT, RUN_AT + this.#run.length))
    );
  }
}
