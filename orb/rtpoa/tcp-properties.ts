import type { Logger } from "../base/index.ts";
import type { ConnectionWatch, WatchedConnection } from "../hook/index.ts";
import { InvalidPolicy } from "../poa/index.ts";
import {
  DEFAULT_TCP_PROPERTIES,
  IIOP_PROTOCOL,
  type Protocol,
  type TcpProtocolProperties,
} from "../policy/index.ts";
import type { ChannelOptions } from "../transport/index.ts";

const FLAGS = ["keep_alive", "dont_route", "no_delay"] as const;
/** Behind what else a tag says. */
const TAG = /tcp (\d+) (\d+) (true|false) (true|false) (true|false)$/;

/** The TCP properties that a list of protocols has for IIOP; undefined for none, and for those that hold anyway. */
export function tcpPropertiesOf(protocols: readonly Protocol[]): TcpProtocolProperties | undefined {
  const iiop = protocols.find(({ protocol_type: type }) => type === IIOP_PROTOCOL);
  const properties = iiop?.transport_protocol_properties ?? undefined;
  return properties === undefined || nameOf(properties) === nameOf(DEFAULT_TCP_PROPERTIES)
    ? undefined
    : properties;
}

/** IIOP with them. */
export function iiopWith(properties: TcpProtocolProperties): Protocol {
  return {
    protocol_type: IIOP_PROTOCOL,
    orb_protocol_properties: null,
    transport_protocol_properties: properties,
  };
}

function nameOf(properties: TcpProtocolProperties): string {
  const flags = FLAGS.map((flag) => String(properties[flag]));
  return ["tcp", properties.send_buffer_size, properties.recv_buffer_size, ...flags].join(" ");
}

/** What connections with these properties are asked for by: no others are used for their calls. */
export function tcpTag(properties: TcpProtocolProperties): string {
  return nameOf(properties);
}

function propertiesIn(tag: string): TcpProtocolProperties | undefined {
  const match = TAG.exec(tag);
  if (match === null) return undefined;
  const [, send, receive, keepAlive, dontRoute, noDelay] = match;
  return {
    send_buffer_size: Number(send),
    recv_buffer_size: Number(receive),
    keep_alive: keepAlive === "true",
    dont_route: dontRoute === "true",
    no_delay: noDelay === "true",
  };
}

/** The same for a socket: a size of 0 leaves what the system gives. */
function optionsOf(properties: TcpProtocolProperties): ChannelOptions {
  const { send_buffer_size: send, recv_buffer_size: receive } = properties;
  return {
    ...(send === 0 ? {} : { sendBufferOctets: send }),
    ...(receive === 0 ? {} : { receiveBufferOctets: receive }),
    keepAlive: properties.keep_alive,
    dontRoute: properties.dont_route,
    noDelay: properties.no_delay,
  };
}

/** Sets the connections of calls whose protocols have TCP properties, before anything is sent over them. */
export class TcpSetting implements ConnectionWatch {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  opened(connection: WatchedConnection): void {
    const properties = propertiesIn(connection.route.tag);
    if (properties === undefined) return;
    const unset = connection.configure?.(optionsOf(properties)) ?? [];
    if (unset.length === 0) return;
    const text = "TCP properties of a client's protocol are not set";
    this.#log.warn(text, { peer: connection.peer, unset: unset.join(", ") });
  }
}

interface Claim {
  readonly properties: TcpProtocolProperties;
  /** POAs by name. */
  readonly owners: Set<string>;
}

/** Has the connections that clients open to endpoints of POAs set as their serverProtocols say. */
export class ServerTcp {
  readonly #configure: (entrance: number, options: ChannelOptions | undefined) => void;
  readonly #claims = new Map<number, Claim>();

  /** @param configure says what connections of an entrance are set to from now on */
  constructor(configure: (entrance: number, options: ChannelOptions | undefined) => void) {
    this.#configure = configure;
  }

  /**
   * A POA wants its connections so. Endpoints are not one POA's alone: two that share one must want the same.
   * @param entrances of the POA
   * @throws InvalidPolicy
   */
  claim(poa: string, entrances: readonly number[], properties: TcpProtocolProperties): void {
    for (const entrance of entrances) {
      const claim = this.#claims.get(entrance);
      if (claim === undefined || nameOf(claim.properties) === nameOf(properties)) continue;
      const [owner = ""] = claim.owners;
      throw new InvalidPolicy(
        { index: 0 },
        `serverProtocols: POA "${owner}" has other TCP properties for the same endpoint; give one of the two a POAManager, or a pool, with endpoints of its own`,
      );
    }
    for (const entrance of entrances) {
      const claim = this.#claims.get(entrance) ?? { properties, owners: new Set() };
      if (claim.owners.size === 0) this.#configure(entrance, optionsOf(properties));
      claim.owners.add(poa);
      this.#claims.set(entrance, claim);
    }
  }

  release(poa: string, entrances: readonly number[]): void {
    for (const entrance of entrances) {
      const claim = this.#claims.get(entrance);
      if (claim?.owners.delete(poa) !== true || claim.owners.size > 0) continue;
      this.#claims.delete(entrance);
      this.#configure(entrance, undefined);
    }
  }
}
