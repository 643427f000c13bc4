import { MessageChannel } from "node:worker_threads";
import test from "ava";
import { type AddressedBeat, hearOrders, type ToLane } from "../../../services/p3-net/index.ts";

function beatTo(id: string, version: number): AddressedBeat {
  const to = { id, address: "127.0.0.1:1,2,3" };
  return { to, beat: { kind: "child-beat", epoch: 1, version } };
}

test("of the beats that piled up while their thread had no processor each link gets the latest, in one period", async (t) => {
  const { port1, port2 } = new MessageChannel();
  const post = (message: ToLane): void => port1.postMessage(message);
  const ref = { id: "self", address: "127.0.0.1:4,5,6" };
  post({ kind: "self", ref });
  for (let version = 1; version <= 5_000; version++)
    post({ kind: "beats", beats: [beatTo("a", version), beatTo("b", version)] });
  // Of a new link, between two periods.
  post({ kind: "beats", beats: [beatTo("c", 1)] });
  post({ kind: "close" });
  const taken: ToLane[] = [];
  await new Promise<void>((resolve) => {
    hearOrders(port2, (message) => {
      taken.push(message);
      if (message.kind === "close") resolve();
    });
  });
  port1.close();
  t.deepEqual(taken, [
    { kind: "self", ref },
    { kind: "beats", beats: [beatTo("a", 5_000), beatTo("b", 5_000), beatTo("c", 1)] },
    { kind: "close" },
  ]);
});
