import { decapsulate, encapsulate } from "../cdr/index.ts";
import { SERVICE_ID, type ServiceContext } from "../giop/index.ts";
import type { Endpoint } from "../transport/index.ts";

/** Least octets of a ListenPoint: an empty string and the port behind it. */
const LEAST_OCTETS = 7;
/** Far more than a client has, far less than what costs memory. */
const MAX_LISTEN_POINTS = 64;

/** IIOP::BiDirIIOPServiceContext: where references of the sender say that it listens (CORBA 3.3 Part 2, 9.8.1). */
export function listenPointsContext(points: readonly Endpoint[]): ServiceContext {
  const data = encapsulate((out) => {
    out.ulong(points.length);
    for (const { host, port } of points) out.string(host).ushort(port);
  });
  return { id: SERVICE_ID.bidirectionalIiop, data };
}

/** What is beyond 64 points is left out. @throws MARSHAL when octets are missing */
export function readListenPoints(data: Uint8Array): readonly Endpoint[] {
  return decapsulate(data, (input) => {
    const count = Math.min(input.sequenceLength(LEAST_OCTETS), MAX_LISTEN_POINTS);
    const points: Endpoint[] = [];
    for (let n = 0; n < count; n++) {
      const host = input.string();
      points.push({ host, port: input.ushort() });
    }
    return points;
  });
}
