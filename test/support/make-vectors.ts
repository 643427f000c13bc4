import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { readCapture } from "./pcap.ts";
import { type ManifestCapture, sha256, VECTORS } from "./vectors.ts";

// node dist/test/support/make-vectors.js FOLDER
// Makes test/vectors from a folder of captures: the pcap files named here, Peer.idl and iors/.

const TAO = "TAO 2.2.2";
const OMNI = "omniORB 4.2.5";

const CAPTURES: readonly (readonly [
  name: string,
  client: string,
  server: string,
  holds: string,
])[] = [
  ["tao-tao", TAO, TAO, "every operation, GIOP 1.2"],
  ["omni-omni", OMNI, OMNI, "every operation, GIOP 1.2, with LocateRequest and Fragment"],
  ["taoclient-omniserver", TAO, OMNI, "every operation, GIOP 1.2"],
  ["omniclient-taoserver", OMNI, TAO, "every operation, GIOP 1.2; TAO refuses two of the anys"],
  ["omni-omni-giop11", OMNI, OMNI, "every operation but wide text, GIOP 1.1"],
  ["omni-omni-giop10", OMNI, OMNI, "every operation but wide text, GIOP 1.0"],
  ["tao-rt-client-propagated", TAO, TAO, "CLIENT_PROPAGATED, three lanes, three priorities"],
  ["tao-rt-server-declared", TAO, TAO, "SERVER_DECLARED, objects at two priorities"],
  ["tao-rt-no-lanes", TAO, TAO, "CLIENT_PROPAGATED, pool without lanes, two priorities"],
  ["tao-rt-bands-server", TAO, TAO, "banded connections, policy of the server"],
  ["tao-rt-bands-client", TAO, TAO, "banded connections, policy of the client"],
  ["tao-rt-private-connection", TAO, TAO, "private connections"],
];

function convert(
  folder: string,
  [name, client, server, holds]: (typeof CAPTURES)[number],
): ManifestCapture {
  const pcap = readFileSync(join(folder, `${name}.pcap`));
  const connections = readCapture(pcap);
  const octets = Buffer.concat(
    connections.flatMap(({ fromClient, fromServer }) => [fromClient, fromServer]),
  );
  const file = `${name}.bin.gz`;
  writeFileSync(new URL(file, VECTORS), gzipSync(octets, { level: 9 }));
  return {
    file,
    sha256: sha256(octets),
    capture: `${name}.pcap`,
    captureSha256: sha256(pcap),
    client,
    server,
    holds,
    connections: connections.map((connection) => ({
      client: connection.client,
      server: connection.server,
      clientOctets: connection.fromClient.length,
      serverOctets: connection.fromServer.length,
    })),
  };
}

function main(folder: string): void {
  mkdirSync(VECTORS, { recursive: true });
  const manifest = {
    made: "tcpdump on the loopback interface of x86-64 Linux while a client called every operation of Peer.idl; test/support/make-vectors.ts took TCP away",
    idl: "Peer.idl",
    captures: CAPTURES.map((capture) => convert(folder, capture)),
  };
  writeFileSync(new URL("manifest.json", VECTORS), `${JSON.stringify(manifest, undefined, 2)}\n`);
  cpSync(join(folder, "Peer.idl"), fileURLToPath(new URL("Peer.idl", VECTORS)));
  cpSync(join(folder, "iors"), fileURLToPath(new URL("iors", VECTORS)), { recursive: true });
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write("usage: node dist/test/support/make-vectors.js FOLDER-OF-CAPTURES\n");
  process.exitCode = 2;
} else {
  main(folder);
}
