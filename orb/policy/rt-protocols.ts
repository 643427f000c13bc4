import type { CdrInput, CdrOutput } from "../cdr/index.ts";

/** RTCORBA::TCPProtocolProperties. */
export interface TcpProtocolProperties {
  /** Octets; 0 for the system's default. */
  readonly send_buffer_size: number;
  readonly recv_buffer_size: number;
  readonly keep_alive: boolean;
  readonly dont_route: boolean;
  readonly no_delay: boolean;
}

/** RTCORBA::Protocol. GIOP has no properties. */
export interface Protocol {
  /** The tag of the profiles that say it; 0 is IIOP. */
  readonly protocol_type: number;
  readonly orb_protocol_properties: null;
  readonly transport_protocol_properties: TcpProtocolProperties | null;
}

/** TAG_INTERNET_IOP. */
export const IIOP_PROTOCOL = 0;

/** What stands for properties that are nil. */
export const DEFAULT_TCP_PROPERTIES: TcpProtocolProperties = {
  send_buffer_size: 0,
  recv_buffer_size: 0,
  keep_alive: true,
  dont_route: false,
  no_delay: true,
};

const MAX_LONG = 0x7fff_ffff;

function isSize(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_LONG;
}

function isTcp(properties: TcpProtocolProperties): boolean {
  const { keep_alive, dont_route, no_delay } = properties;
  return (
    isSize(properties.send_buffer_size) &&
    isSize(properties.recv_buffer_size) &&
    [keep_alive, dont_route, no_delay].every((flag) => typeof flag === "boolean")
  );
}

/** The place of the first entry that is no protocol. */
export function wrongProtocol(protocols: readonly Protocol[]): number | undefined {
  const at = protocols.findIndex(
    ({ protocol_type: type, transport_protocol_properties: tcp }) =>
      !(Number.isInteger(type) && type >= 0 && type <= 0xffff_ffff && (tcp === null || isTcp(tcp))),
  );
  return at < 0 ? undefined : at;
}

/** Protocols other than IIOP are left out: nobody could read on behind them. */
export function writeProtocols(out: CdrOutput, protocols: readonly Protocol[]): void {
  const known = protocols.filter(({ protocol_type: type }) => type === IIOP_PROTOCOL);
  out.ulong(known.length);
  for (const { protocol_type: type, transport_protocol_properties: tcp } of known) {
    const properties = tcp ?? DEFAULT_TCP_PROPERTIES;
    out.ulong(type).long(properties.send_buffer_size).long(properties.recv_buffer_size);
    out.boolean(properties.keep_alive).boolean(properties.dont_route).boolean(properties.no_delay);
  }
}

/** What {@link writeProtocols} writes; as far as the first protocol whose form is not known. @throws MARSHAL */
export function readProtocols(input: CdrInput): Protocol[] {
  const protocols: Protocol[] = [];
  for (let left = input.sequenceLength(4); left > 0; left--) {
    const type = input.ulong();
    if (type !== IIOP_PROTOCOL) return protocols;
    const tcp = {
      send_buffer_size: input.long(),
      recv_buffer_size: input.long(),
      keep_alive: input.boolean(),
      dont_route: input.boolean(),
      no_delay: input.boolean(),
    };
    protocols.push({
      protocol_type: type,
      orb_protocol_properties: null,
      transport_protocol_properties: tcp,
    });
  }
  return protocols;
}
