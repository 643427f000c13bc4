import { crc32 } from "node:zlib";

const SUM_OCTETS = 4;

/** A record as it is kept: its checksum, then its octets. */
export function withSum(octets: Uint8Array): Buffer {
  const summed = Buffer.alloc(SUM_OCTETS + octets.length);
  summed.writeUInt32LE(crc32(octets));
  summed.set(octets, SUM_OCTETS);
  return summed;
}

/** The octets behind their checksum. @throws Error when it is wrong */
export function checkSum(kept: Buffer): Buffer {
  const octets = kept.subarray(SUM_OCTETS);
  if (kept.length < SUM_OCTETS || kept.readUInt32LE() !== crc32(octets))
    throw new Error("a checksum is wrong");
  return octets;
}
