import test from "ava";
import fc from "fast-check";
import { loadNative, nativeFault } from "../../../native/index.ts";
import { Outbox } from "../../../orb/iiop/index.ts";
import { tcpTransport, type Transport } from "../../../orb/transport/index.ts";
import { Ear, giop, pairOf } from "../transport/suite.ts";

function reactor(): Transport {
  const addon = loadNative();
  if (addon === undefined) throw new Error(nativeFault());
  return addon.createReactor();
}

/** Around the size from which messages are no longer copied. */
const bodies = fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 16_300, max: 16_400 })), {
  minLength: 1,
  maxLength: 40,
});

for (const [name, transport] of Object.entries({ "node:net": () => tcpTransport, reactor }))
  test(`${name}: messages leave in their order, and a copied one may be written again at once`, async (t) => {
    const { client, server } = await pairOf(t, {
      transport,
      place: async () => ({ host: "127.0.0.1", port: 0 }),
      sockets: "tcp",
    });
    const ear = new Ear(server);
    new Ear(client);
    const outbox = new Outbox(client);
    const sent: Buffer[] = [];
    let octets = 0;
    await fc.assert(
      fc.asyncProperty(bodies, async (sizes) => {
        for (const [n, size] of sizes.entries()) {
          const message = giop(size, true, n);
          sent.push(Buffer.from(message));
          octets += message.length;
          const isCopied = outbox.add(message);
          t.is(isCopied, message.length <= 16_384);
          if (isCopied) message.fill(0);
        }
        await ear.heard(octets);
        t.is(outbox.queuedOctets, 0);
      }),
      { numRuns: 20 },
    );
    t.true(ear.all.equals(Buffer.concat(sent)));
  });
