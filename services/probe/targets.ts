import type { ComponentDescription, IorDescription, Plain } from "../../orb/index.ts";

/** A port for TLS that a reference names. */
export interface TlsPort {
  readonly host: string;
  readonly port: number;
}

/** One address that a reference names, and what to ask there. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** A UNIX-domain socket of the machine `host`; the port means nothing then. */
  readonly path?: string;
  /** GIOP 1.`minor`, the version of the profile, 2 at most. */
  readonly minor: 0 | 1 | 2;
  readonly objectKey: Uint8Array;
  /** "" where the reference does not tell. */
  readonly typeId: string;
  /** Where in the reference it stands: `profile 1`, `profile 1, TAG_ALTERNATE_IIOP_ADDRESS`. */
  readonly from: string;
  readonly tls: readonly TlsPort[];
}

function isRecord(value: Plain | undefined): value is { readonly [field: string]: Plain } {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Every `host` and `port` that stand together in a component, at any depth; `host` may be left out. */
function addressesIn(content: Plain | undefined, host: string): TlsPort[] {
  if (Array.isArray(content)) {
    return content.flatMap((element: Plain) => addressesIn(element, host));
  }
  if (!isRecord(content)) return [];
  const own = typeof content["host"] === "string" ? content["host"] : host;
  const { port } = content as { readonly port?: Plain };
  const here = typeof port === "number" && port > 0 ? [{ host: own, port }] : [];
  return [...here, ...Object.values(content).flatMap((field) => addressesIn(field, host))];
}

const PLAIN_ADDRESSES: ReadonlySet<string> = new Set([
  "TAG_ALTERNATE_IIOP_ADDRESS",
  "TAO_TAG_ENDPOINTS",
]);
const TLS_ADDRESSES: ReadonlySet<string> = new Set([
  "TAG_SSL_SEC_TRANS",
  "TAG_TLS_SEC_TRANS",
  "TAG_CSI_SEC_MECH_LIST",
  "TAO_TAG_SSL_ENDPOINTS",
]);

function tlsPorts(components: readonly ComponentDescription[], host: string): TlsPort[] {
  return components
    .filter(({ name }) => TLS_ADDRESSES.has(name))
    .flatMap(({ content }) => addressesIn(content, host));
}

interface Socket {
  readonly host: string;
  readonly port: 0;
  readonly path: string;
}

function socketsIn(components: readonly ComponentDescription[]): Socket[] {
  return components.flatMap(({ name, content }) => {
    if (name !== "TAG_OMNIORB_UNIX_TRANS" || !isRecord(content)) return [];
    const { host, path } = content as { readonly host?: Plain; readonly path?: Plain };
    return typeof host === "string" && typeof path === "string" ? [{ host, port: 0, path }] : [];
  });
}

function giopMinor(minor: number): 0 | 1 | 2 {
  if (minor === 0) return 0;
  return minor === 1 ? 1 : 2;
}

/** Every address of a reference, each once, in the reference's order. */
export function targetsOf({ typeId, profiles }: IorDescription): ProbeTarget[] {
  const targets = profiles.flatMap(({ iiop, components }, at): ProbeTarget[] => {
    if (iiop === undefined) return [];
    const { host, port, objectKey } = iiop;
    const tls = tlsPorts(components, host);
    const common = { minor: giopMinor(iiop.minor), objectKey, typeId, tls };
    const from = `profile ${at + 1}`;
    const further = components
      .filter(({ name }) => PLAIN_ADDRESSES.has(name))
      .flatMap(({ name, content }) =>
        addressesIn(content, host).map((address) => ({
          ...address,
          ...common,
          from: `${from}, ${name}`,
        })),
      );
    const sockets = socketsIn(components).map((socket) => ({
      ...socket,
      ...common,
      from: `${from}, TAG_OMNIORB_UNIX_TRANS`,
    }));
    // An object that has a socket and no address is said to be at its machine, at no port.
    const isSocketAlone = port === 0 && tls.length === 0 && sockets.length > 0;
    const own = isSocketAlone ? [] : [{ host, port, ...common, from }];
    return [...sockets, ...own, ...further];
  });
  const seen = new Set<string>();
  return targets.filter(({ host, port, path, objectKey }) => {
    const text = `${host} ${path ?? port} ${Buffer.from(objectKey).toString("hex")}`;
    return !seen.has(text) && seen.add(text);
  });
}
