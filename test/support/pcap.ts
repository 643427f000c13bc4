/** What a TCP connection carried, both ways, from its first octet to its last. */
export interface CapturedConnection {
  /** `host:port` of the side that opened it. */
  readonly client: string;
  readonly server: string;
  readonly fromClient: Uint8Array;
  readonly fromServer: Uint8Array;
}

interface Segment {
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly data: Buffer;
}

/** Octets in front of the IP packet, by link type of the capture (tcpdump.org/linktypes.html). */
const LINK_HEADER_OCTETS: Readonly<Record<number, number>> = {
  0: 4, // BSD loopback
  1: 14, // Ethernet
  101: 0, // raw IP
  108: 4, // OpenBSD loopback
  113: 16, // Linux cooked
};

/** The octets of one direction, put in order by their sequence numbers. */
class Direction {
  readonly #first: number;
  readonly #parts = new Map<number, Buffer>();

  constructor(firstSequence: number) {
    this.#first = firstSequence;
  }

  add(sequence: number, data: Buffer): void {
    if (data.length === 0) return;
    const at = (sequence - this.#first) >>> 0;
    // A keep-alive probe repeats the octet before the next; a repetition starts where another did.
    if (at > 0x7fff_ffff) return;
    const known = this.#parts.get(at);
    if (known === undefined || known.length < data.length) this.#parts.set(at, data);
  }

  octets(what: string): Buffer {
    const joined: Buffer[] = [];
    let end = 0;
    for (const [at, data] of [...this.#parts].toSorted(([a], [b]) => a - b)) {
      if (at > end) throw new RangeError(`${what}: octets ${end} to ${at - 1} were not captured`);
      if (at + data.length <= end) continue;
      joined.push(data.subarray(end - at));
      end = at + data.length;
    }
    return Buffer.concat(joined);
  }
}

interface Open {
  readonly client: string;
  readonly server: string;
  readonly fromClient: Direction;
  fromServer: Direction | undefined;
}

/**
 * Reads a classic pcap file (not pcapng) of whole TCP connections over IPv4 or IPv6.
 * @throws RangeError when the file is of another form, or octets are missing from it
 */
export function readCapture(file: Uint8Array): CapturedConnection[] {
  const connections: Open[] = [];
  const current = new Map<string, Open>();
  for (const segment of segmentsOf(Buffer.from(file))) {
    const { from, to, sequence, syn, ack, data } = segment;
    if (syn && !ack) {
      const fromClient = new Direction((sequence + 1) >>> 0);
      const open: Open = { client: from, server: to, fromClient, fromServer: undefined };
      connections.push(open);
      current.set(`${from} ${to}`, open);
    } else if (syn) {
      const open = current.get(`${to} ${from}`);
      if (open !== undefined) open.fromServer ??= new Direction((sequence + 1) >>> 0);
    } else {
      current.get(`${from} ${to}`)?.fromClient.add(sequence, data);
      current.get(`${to} ${from}`)?.fromServer?.add(sequence, data);
    }
  }
  return connections.map(({ client, server, fromClient, fromServer }) => ({
    client,
    server,
    fromClient: fromClient.octets(`${client} to ${server}`),
    fromServer: fromServer?.octets(`${server} to ${client}`) ?? new Uint8Array(0),
  }));
}

function* segmentsOf(file: Buffer): Generator<Segment> {
  const magic = file.readUInt32LE(0);
  const littleEndian = magic === 0xa1b2_c3d4 || magic === 0xa1b2_3c4d;
  const ulong = (at: number): number =>
    littleEndian ? file.readUInt32LE(at) : file.readUInt32BE(at);
  if (ulong(0) !== 0xa1b2_c3d4 && ulong(0) !== 0xa1b2_3c4d) {
    throw new RangeError(`no pcap file: it begins with ${file.toString("hex", 0, 4)}`);
  }
  const linkType = ulong(20);
  const linkOctets = LINK_HEADER_OCTETS[linkType];
  if (linkOctets === undefined) throw new RangeError(`link type ${linkType} is not read`);
  for (let at = 24; at < file.length; ) {
    const captured = ulong(at + 8);
    if (captured < ulong(at + 12)) throw new RangeError(`the packet at octet ${at} is cut short`);
    const packet = file.subarray(at + 16, at + 16 + captured);
    at += 16 + captured;
    const segment = readIp(packet.subarray(linkOctets));
    if (segment !== undefined) yield segment;
  }
}

function readIp(packet: Buffer): Segment | undefined {
  const TCP = 6;
  switch (packet.readUInt8(0) >>> 4) {
    case 4: {
      if (packet.readUInt8(9) !== TCP) return undefined;
      const start = (packet.readUInt8(0) & 15) * 4;
      const host = (at: number): string => packet.subarray(at, at + 4).join(".");
      return readTcp(packet.subarray(start, packet.readUInt16BE(2)), host(12), host(16));
    }
    case 6: {
      if (packet.readUInt8(6) !== TCP) return undefined;
      const host = (at: number): string => `[${packet.toString("hex", at, at + 16)}]`;
      return readTcp(packet.subarray(40, 40 + packet.readUInt16BE(4)), host(8), host(24));
    }
    default:
      return undefined;
  }
}

function readTcp(packet: Buffer, source: string, destination: string): Segment {
  const flags = packet.readUInt8(13);
  return {
    from: `${source}:${packet.readUInt16BE(0)}`,
    to: `${destination}:${packet.readUInt16BE(2)}`,
    sequence: packet.readUInt32BE(4),
    syn: (flags & 0x02) !== 0,
    ack: (flags & 0x10) !== 0,
    data: packet.subarray((packet.readUInt8(12) >>> 4) * 4),
  };
}
