import test from "ava";
import {
  Any,
  INITIALIZE,
  MemoryTransport,
  type ObjectReference,
  ORB_init,
  tc,
  type Transport,
} from "../../../orb/index.ts";
import { callBox, Sample, sample } from "../../support/sample.ts";

/** A transport that counts the Fragment messages of both directions. */
function counting(inner: MemoryTransport): { transport: Transport; fragments: () => number } {
  let fragments = 0;
  const transport: Transport = {
    listen: (at, accept) => inner.listen(at, accept),
    connect: async (to, signal) => {
      const channel = await inner.connect(to, signal);
      const send = channel.send.bind(channel);
      channel.send = (octets, free) => {
        const text = Buffer.from(octets).toString("latin1");
        for (let at = text.indexOf("GIOP"); at >= 0; at = text.indexOf("GIOP", at + 4)) {
          if (text.charCodeAt(at + 7) === 7) fragments++;
        }
        send(octets, free);
      };
      return channel;
    },
  };
  return { transport, fragments: () => fragments };
}

for (const minor of [0, 1, 2] as const) {
  test(`messages of GIOP 1.${minor} above fragmentOctets, both ways`, async (t) => {
    const memory = new MemoryTransport();
    const { transport, fragments } = counting(memory);
    const config = { orb: { fragmentOctets: 100 } };
    const server = await ORB_init([], { transport: memory, config });
    const client = await ORB_init([], { transport, config });
    server.bindPlainKey("Sample", await server.rootPOA.activate(new Sample()));
    server.rootPOA.the_POAManager.activate();
    const url = `corbaloc:iiop:1.${minor}@127.0.0.1:${server.endpoints[0]?.port}/Sample`;
    const reference = (await client.string_to_object(url)) as ObjectReference;
    for (const length of [0, 1, 50, 99, 100, 101, 1_000, 30_000]) {
      const text = "abcdefgh".repeat(Math.ceil(length / 8)).slice(0, length);
      t.is(await sample.echo(reference, text), text);
    }
    const struct = tc.struct("IDL:S:1.0", "S", () => [
      ["o", tc.octet],
      ["d", tc.double],
      ["l", tc.sequence(tc.longlong, 0)],
      ["s", tc.sequence(tc.string(0), 0)],
    ]);
    const value = {
      o: 7,
      d: -0.25,
      l: Array.from({ length: 40 }, (_, i) => BigInt(i) << 40n),
      s: Array.from({ length: 40 }, (_, i) => "x".repeat(i)),
    };
    const back = await callBox(reference, new Any(struct, value));
    t.deepEqual(back.value, value);
    if (minor === 0) t.is(fragments(), 0);
    else t.true(fragments() > 300, `${fragments()} fragments`);
    await client.destroy();
    await server.destroy();
  });
}

test("a limit that leaves no room for data is refused", async (t) => {
  await t.throwsAsync(ORB_init([], { config: { orb: { fragmentOctets: 31 } } }), {
    instanceOf: INITIALIZE,
    message: /fragmentOctets is 31; allowed: 0 or at least 32/,
  });
});
