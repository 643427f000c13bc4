import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** One connection in a stream file: its octets follow those of the connections before it. */
export interface ManifestConnection {
  readonly client: string;
  readonly server: string;
  /** How many octets the client sent; they come first. */
  readonly clientOctets: number;
  readonly serverOctets: number;
}

/** One capture: what went between two programs, without TCP. */
export interface ManifestCapture {
  /** Name of the file beside the manifest: gzip of all octets, connection by connection. */
  readonly file: string;
  /** Of the octets before compression. */
  readonly sha256: string;
  /** Name and hash of the pcap file it was made of. */
  readonly capture: string;
  readonly captureSha256: string;
  readonly client: string;
  readonly server: string;
  readonly holds: string;
  readonly connections: readonly ManifestConnection[];
}

export interface Manifest {
  readonly made: string;
  readonly idl: string;
  readonly captures: readonly ManifestCapture[];
}

export interface VectorConnection extends ManifestConnection {
  readonly fromClient: Buffer;
  readonly fromServer: Buffer;
}

/** The tests run from `dist`; the vectors stay with the sources. */
export const VECTORS: URL = new URL("../../../test/vectors/", import.meta.url);

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(new URL("manifest.json", VECTORS), "utf8")) as Manifest;
}

/** The connections of a capture. @throws RangeError when the file is not the one of the manifest */
export function readConnections(capture: ManifestCapture): VectorConnection[] {
  const octets = gunzipSync(readFileSync(new URL(capture.file, VECTORS)));
  if (sha256(octets) !== capture.sha256) {
    throw new RangeError(`${capture.file} is not what manifest.json says it is`);
  }
  let at = 0;
  return capture.connections.map((connection) => {
    const middle = at + connection.clientOctets;
    const fromClient = octets.subarray(at, middle);
    const fromServer = octets.subarray(middle, middle + connection.serverOctets);
    at = middle + connection.serverOctets;
    return { ...connection, fromClient, fromServer };
  });
}

export interface IorVector {
  readonly name: string;
  /** The stringified reference. */
  readonly text: string;
  /** What another ORB's tool says of it. */
  readonly decoded: string;
}

export function readIors(): IorVector[] {
  const folder = new URL("iors/", VECTORS);
  const names = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith(".ior"));
  return names.toSorted().map((file) => {
    const name = file.slice(0, -".ior".length);
    const text = readFileSync(new URL(file, folder), "latin1");
    return { name, text, decoded: readFileSync(new URL(`${name}.decoded.txt`, folder), "latin1") };
  });
}

export function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}
