import test from "ava";
import { readCapture } from "../../support/pcap.ts";

const SYN = 0x02;
const ACK = 0x10;

interface Packet {
  readonly from: number;
  readonly to: number;
  readonly sequence: number;
  readonly flags: number;
  readonly data?: string;
}

/** An IPv4 packet between two ports of 127.0.0.1, with a TCP option to step over. */
function ip({ from, to, sequence, flags, data = "" }: Packet): Buffer {
  const tcp = Buffer.alloc(24);
  tcp.writeUInt16BE(from, 0);
  tcp.writeUInt16BE(to, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt8(6 << 4, 12);
  tcp.writeUInt8(flags, 13);
  const header = Buffer.from("4500000000000000400600007f0000017f000001", "hex");
  header.writeUInt16BE(20 + 24 + data.length, 2);
  return Buffer.concat([header, tcp, Buffer.from(data, "latin1")]);
}

function capture(packets: readonly Packet[], linkType: number, linkOctets: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2_c3d4, 0);
  head.writeUInt32LE(linkType, 20);
  const records = packets.map((packet) => {
    // Ethernet pads short frames: what is behind the IP packet is no data.
    const octets = Buffer.concat([Buffer.alloc(linkOctets), ip(packet), Buffer.alloc(3, 0xee)]);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(octets.length, 8);
    record.writeUInt32LE(octets.length, 12);
    return Buffer.concat([record, octets]);
  });
  return Buffer.concat([head, ...records]);
}

/** Two connections from the same port one after the other; segments late, repeated and overlapping. */
const PACKETS: readonly Packet[] = [
  { from: 1, to: 2, sequence: 0xffff_fffe, flags: SYN },
  { from: 2, to: 1, sequence: 99, flags: SYN | ACK },
  { from: 1, to: 2, sequence: 2, flags: ACK, data: "def" },
  { from: 1, to: 2, sequence: 0xffff_ffff, flags: ACK, data: "abc" },
  { from: 1, to: 2, sequence: 1, flags: ACK, data: "cdefgh" },
  { from: 2, to: 1, sequence: 100, flags: ACK, data: "xyz" },
  { from: 2, to: 1, sequence: 99, flags: ACK, data: "?" },
  { from: 1, to: 2, sequence: 10, flags: SYN },
  { from: 1, to: 2, sequence: 11, flags: ACK, data: "again" },
];

for (const [name, linkType, linkOctets] of [
  ["loopback", 0, 4],
  ["Ethernet", 1, 14],
  ["raw", 101, 0],
] as const) {
  test(`a ${name} capture becomes streams`, (t) => {
    const found = readCapture(capture(PACKETS, linkType, linkOctets)).map((connection) => [
      connection.client,
      connection.server,
      Buffer.from(connection.fromClient).toString(),
      Buffer.from(connection.fromServer).toString(),
    ]);
    t.deepEqual(found, [
      ["127.0.0.1:1", "127.0.0.1:2", "abcdefgh", "xyz"],
      ["127.0.0.1:1", "127.0.0.1:2", "again", ""],
    ]);
  });
}

test("what is missing from a capture is named", (t) => {
  const gap = PACKETS.slice(0, 3);
  t.throws(() => readCapture(capture(gap, 101, 0)), {
    message: /octets 0 to 2 were not captured/u,
  });
  t.throws(() => readCapture(capture(PACKETS, 9, 0)), { message: /link type 9/u });
  t.throws(() => readCapture(Buffer.alloc(40)), { message: /no pcap file/u });
  const short = capture(PACKETS, 101, 0);
  short.writeUInt32LE(70_000, 24 + 12);
  t.throws(() => readCapture(short), { message: /packet at octet 24 is cut short/u });
});
