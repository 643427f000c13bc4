import test from "ava";
import fc from "fast-check";
import { MemoryTransport, ORB_init } from "../../../orb/index.ts";
import type { ORB, Servant } from "../../../orb/index.ts";
import type { PeerRef } from "../../../services/overlay/index.ts";
import type { Message } from "../../../services/p3/index.ts";
import {
  BeatReceiver,
  DiscoveryReceiver,
  isBeat,
  isDiscovery,
  MembershipReceiver,
  P3,
  tellBeat,
  tellDiscovery,
  tellMembership,
} from "../../../services/p3-wire/index.ts";
import { anyMessage, anyPeerRef, MESSAGE_KINDS } from "./messages.ts";

/** What came out at the other end. */
interface Heard {
  readonly sender: PeerRef;
  readonly message: Message;
  readonly number?: number;
}

interface Stubs {
  readonly membership: P3.Membership;
  readonly discovery: P3.Discovery;
  readonly faultTolerance: P3.FaultTolerance;
}

/** A peer's three objects behind one ORB, and stubs for them in another one. */
class Wire implements AsyncDisposable {
  readonly #server: ORB;
  readonly #client: ORB;
  readonly #stubs: Stubs;
  #heard: (heard: Heard) => void = () => undefined;

  private constructor(server: ORB, client: ORB, stubs: Stubs) {
    this.#server = server;
    this.#client = client;
    this.#stubs = stubs;
  }

  static async open(): Promise<Wire> {
    const transport = new MemoryTransport();
    const server = await ORB_init([], { transport });
    const client = await ORB_init([], { transport, config: { orb: { listen: [] } } });
    server.rootPOA.the_POAManager.activate();
    const receive = (sender: PeerRef, message: Message): void => wire.#heard({ sender, message });
    const object = async (
      servant: Servant,
    ): Promise<Awaited<ReturnType<ORB["string_to_object"]>>> =>
      await client.string_to_object(
        server.object_to_string(await server.rootPOA.activate(servant)),
      );
    const membership = P3.Membership.uncheckedNarrow(await object(new MembershipReceiver(receive)));
    const discovery = P3.Discovery.uncheckedNarrow(
      await object(new DiscoveryReceiver({ receive, carried: () => undefined })),
    );
    const faultTolerance = P3.FaultTolerance.uncheckedNarrow(
      await object(
        new BeatReceiver({
          beat: (sender, number, message) => wire.#heard({ sender, message, number }),
          again: () => undefined,
        }),
      ),
    );
    if (membership === null || discovery === null || faultTolerance === null)
      throw new Error("nil");
    const wire: Wire = new Wire(server, client, { membership, discovery, faultTolerance });
    return wire;
  }

  async pass(sender: PeerRef, message: Message, number: number): Promise<Heard> {
    const came = new Promise<Heard>((resolve) => (this.#heard = resolve));
    const { membership, discovery, faultTolerance } = this.#stubs;
    if (isBeat(message)) await tellBeat(faultTolerance, sender, number, message);
    else if (isDiscovery(message)) await tellDiscovery(discovery, sender, message);
    else await tellMembership(membership, sender, message);
    return await came;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.destroy();
    await this.#server.destroy();
  }
}

for (const kind of MESSAGE_KINDS)
  test(`wire: ${kind} comes out as it went in`, async (t) => {
    await using wire = await Wire.open();
    const property = fc.asyncProperty(
      anyPeerRef,
      anyMessage(kind),
      fc.nat(0xffff_ffff),
      async (sender, message, number) => {
        const heard = await wire.pass(sender, message, number);
        t.deepEqual(heard, isBeat(message) ? { sender, message, number } : { sender, message });
      },
    );
    await fc.assert(property, { numRuns: 40 });
  });
