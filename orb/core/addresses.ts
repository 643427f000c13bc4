import { networkInterfaces } from "node:os";
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
  writeIiopProfile,
} from "../ior/index.ts";
import type { Endpoint } from "../transport/index.ts";

const IIOP_MINOR = 2;
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);
/** Where the name of a run stands in a transient key of ours: behind `OWT`. */
const RUN_AT = 3;

function reachableHost(wildcard: string): string {
  const family = wildcard === "::" ? "IPv6" : "IPv4";
  for (const addresses of Object.values(networkInterfaces())) {
    const found = addresses?.find((address) => address.family === family && !address.internal);
    if (found !== undefined) return found.address;
  }
  return family === "IPv6" ? "::1" : "127.0.0.1";
}

/** What references that name one entrance say of it. */
interface Published {
  readonly addresses: readonly Endpoint[];
  readonly components: readonly TaggedComponent[];
}

/** Where this ORB is reached: what its references say, and which references are its own. */
export class Addresses {
  readonly #run: Buffer;
  /** Ports of this ORB by host. */
  readonly #own = new Map<string, Set<number>>();
  readonly #published = new Map<number, Published>();

  constructor(run: Uint8Array) {
    this.#run = Buffer.from(run);
  }

  /** Opens the endpoints of an entrance. @throws INITIALIZE naming the endpoint and why it cannot be had */
  async open(
    server: IiopServer,
    settings: { readonly listen: readonly Endpoint[]; readonly publish: readonly Endpoint[] },
    entrance: number = ENTRANCE.main,
  ): Promise<void> {
    for (const endpoint of settings.listen) {
      try {
        await server.listen(endpoint, entrance);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new INITIALIZE(
          `cannot listen on iiop://${endpoint.host}:${endpoint.port}: ${why}`,
          undefined,
          undefined,
          { cause },
        );
      }
    }
    const listened = server.endpointsOf(entrance).map(({ host, port }) => ({
      host: WILDCARDS.has(host) ? reachableHost(host) : host,
      port,
    }));
    const addresses = settings.publish.length > 0 ? settings.publish : listened;
    for (const { host, port } of [...listened, ...addresses]) {
      const ports = this.#own.get(host) ?? new Set();
      this.#own.set(host, ports.add(port));
    }
    const components = [
      orbTypeComponent(ORB_TYPE.orbweaver),
      codeSetsComponent(OWN_CODE_SETS),
      ...addresses.slice(1).map((address) => alternateAddressComponent(address)),
    ];
    this.#published.set(entrance, { addresses, components });
  }

  /** A reference to an object of this ORB. @throws OBJ_ADAPTER when the ORB listens nowhere */
  newIor(typeId: string, objectKey: Uint8Array, entrance: number): Ior {
    const { addresses: [first] = [], components = [] } = this.#published.get(entrance) ?? {};
    if (first === undefined) {
      throw new OBJ_ADAPTER(
        "this ORB listens on no endpoint, so nobody could call the object: give it one with -ORBListenEndpoints or orb.listen",
      );
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

  /** Whether the object is in this ORB: by address, or by the name of this run in its key, whatever host it was given. */
  isLocal(target: Endpoint & { readonly objectKey: Uint8Array }): boolean {
    if (this.#own.get(target.host)?.has(target.port) === true) return true;
    const key = target.objectKey;
    return (
      key[0] === 0x4f &&
      key[1] === 0x57 &&
      key[2] === 0x54 &&
      this.#run.equals(key.subarray(RUN_AT, RUN_AT + this.#run.length))
    );
  }
}
