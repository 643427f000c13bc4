import test from "ava";
import { writeValue } from "../../../orb/any/index.ts";
import { CdrOutput } from "../../../orb/cdr/index.ts";
import { type GiopMessage, readMessageHeader } from "../../../orb/giop/index.ts";
import { messagesIn, readPeerBody } from "../../support/captured.ts";
import { PEER_OPERATIONS } from "../../support/peer-idl.ts";
import { readConnections, readManifest, type VectorConnection } from "../../support/vectors.ts";

type Side = "client" | "server";

/** Requests or replies of `graph`, which stand behind their headers. */
function graphsOf(connection: VectorConnection, side: Side): GiopMessage[] {
  const asked = new Set<number>();
  for (const message of messagesIn(connection.fromClient)) {
    const header = readMessageHeader(message);
    if (header.type === "Request" && header.operation === "graph") asked.add(header.requestId);
  }
  return messagesIn(side === "client" ? connection.fromClient : connection.fromServer).filter(
    (message) => {
      const header = readMessageHeader(message);
      return (header.type === "Request" || header.type === "Reply") && asked.has(header.requestId);
    },
  );
}

/** Octets that TAO sent, and what we send for the values that were read from them. */
function bothWays(connection: VectorConnection, side: Side): (readonly [Buffer, Buffer])[] {
  const [node] = PEER_OPERATIONS["graph"]?.request ?? [];
  if (node === undefined) throw new RangeError("graph is not in Peer.idl");
  const raw = graphsOf(connection, side);
  return graphsOf(connection, side).map(({ input, littleEndian, minor }, i) => {
    const theirs = raw[i]?.input;
    if (theirs === undefined) throw new RangeError("a message is gone");
    const header = { type: "Reply", status: "NO_EXCEPTION", requestId: 0, contexts: [] } as const;
    const out = new CdrOutput({ littleEndian, giopMinor: minor });
    out.octets(new Uint8Array(input.position));
    const start = out.position;
    writeValue(out, node, readPeerBody(input, header, "graph")[0]);
    const sent = Buffer.from(theirs.octets(theirs.remaining));
    return [sent, Buffer.from(out.finish().slice(start))] as const;
  });
}

/** Octets that the two have different, where ours is not the padding behind a text. */
function differences(theirs: Buffer, ours: Buffer): number[] {
  const found: number[] = [];
  ours.forEach((octet, i) => {
    if (octet === theirs[i]) return;
    const isPadding = i % 4 !== 0 && ours.subarray(i, (i + 3) & ~3).every((o) => o === 0);
    if (!isPadding) found.push(i);
  });
  return found;
}

for (const side of ["client", "server"] as const)
  test(`what TAO's ${side} sent of values is what we send, octet for octet`, (t) => {
    let compared = 0;
    for (const capture of readManifest().captures) {
      if (!capture[side].includes("TAO")) continue;
      for (const connection of readConnections(capture))
        for (const [theirs, ours] of bothWays(connection, side)) {
          t.is(ours.length, theirs.length, capture.file);
          t.deepEqual(differences(theirs, ours), [], capture.file);
          compared++;
        }
    }
    t.true(compared >= 10, `${compared} bodies`);
  });
