import test from "ava";
import { ORB_init } from "../../../orb/index.ts";
import * as Bench from "../../bench/gen/Bench.js";

/** More than a socket takes in one write, so that buffers wait for the system. */
const LARGE_OCTETS = 3_000_000;

class Reflector extends Bench.ReflectorSkeleton {
  echo(data: Uint8Array): Uint8Array {
    return data;
  }

  echo_string(s: string): string {
    return s;
  }

  quit(): void {}
}

/** Octets that tell which call they belong to. */
function octetsOf(call: number, length: number): Buffer {
  return Buffer.alloc(length, Buffer.from([call, call >> 8, 0xa5, call ^ 0xff, 7]));
}

test("large messages that wait for the socket are not written over by the next ones", async (t) => {
  await using server = await ORB_init([]);
  await using client = await ORB_init([]);
  const reference = await server.rootPOA.activate(new Reflector());
  server.rootPOA.the_POAManager.activate();
  const ior = server.object_to_string(reference);
  const target = Bench.Reflector.uncheckedNarrow(await client.string_to_object(ior));
  if (target === null) throw new TypeError("nil");
  for (let round = 0; round < 3; round++) {
    const sent = Array.from({ length: 6 }, (_, n) =>
      octetsOf(round * 10 + n, n % 3 === 2 ? 100 : LARGE_OCTETS - n),
    );
    const replies = await Promise.all(sent.map((data) => target.echo(data)));
    for (const [n, reply] of replies.entries()) t.true(sent[n]?.equals(reply), `${round}.${n}`);
  }
});
