// Server and clients over one reactor in one process: `node --expose-gc leak-program.js REQUESTS STATES`.
import { setTimeout as after } from "node:timers/promises";
import { ORB_init, type ORB } from "orbweaver/orb";
import * as Bench from "../gen/Bench.js";
import { transportOf } from "../transport.ts";
import { stateAtRest } from "../soak/state.ts";

const CONNECTIONS = 16;
/** Octets of the calls of one connection, in turn; a large one after many small ones. */
const SMALL: readonly number[] = [0, 64, 300, 1_500, 4_096];
const LARGE_OCTETS = 200_000;
const LARGE_EVERY = 500;
/** Echoed octets that are kept for a while and looked at again: nothing may have written there. */
const KEPT = 20;

class Reflector extends Bench.ReflectorSkeleton {
  echo(data: Uint8Array): Uint8Array {
    return data;
  }

  echo_string(s: string): string {
    return s;
  }

  quit(): void {
    return undefined;
  }
}

function sizeOf(call: number): number {
  return call % LARGE_EVERY === LARGE_EVERY - 1 ? LARGE_OCTETS : (SMALL[call % SMALL.length] ?? 0);
}

function check(octets: Uint8Array, fill: number): void {
  if (octets.some((octet) => octet !== fill)) throw new Error("octets that were kept have changed");
}

async function callMany(ior: string, calls: number): Promise<void> {
  await using orb = await ORB_init([], { transport });
  const target = await Bench.Reflector.narrow(await orb.string_to_object(ior));
  if (target === null) throw new TypeError("the reference is no Bench::Reflector");
  const kept: { octets: Uint8Array; fill: number }[] = [];
  for (let call = 0; call < calls; call++) {
    const fill = call % 251;
    const octets = await target.echo(Buffer.alloc(sizeOf(call), fill));
    if (octets.length !== sizeOf(call)) throw new Error("a reply of another length");
    if (call % 50 !== 0) continue;
    kept.push({ octets, fill });
    if (kept.length < KEPT) continue;
    for (const { octets: old, fill: with_ } of kept) check(old, with_);
    kept.length = 0;
  }
}

async function isAlone(server: ORB): Promise<void> {
  while (server._connectionCounts.accepted > 0) await after(5);
}

const [requests = 0, states = 0] = process.argv.slice(2).map(Number);
const transport = transportOf("reactor");
const server = await ORB_init([], { transport });
const id = server.rootPOA.activate_object(new Reflector());
server.rootPOA.the_POAManager.activate();
const ior = server.object_to_string(server.rootPOA.id_to_reference(id));
const each = Math.ceil(requests / states / CONNECTIONS);
for (let n = 0; n < states; n++) {
  await Promise.all(Array.from({ length: CONNECTIONS }, () => callMany(ior, each)));
  await isAlone(server);
  process.stdout.write(`state ${JSON.stringify(await stateAtRest())}\n`);
}
await server.destroy();
process.stdout.write(`done ${each * CONNECTIONS * states}\n`);
