import test from "ava";
import type { ClientRequestInfo } from "../../../interceptors/index.ts";
import { sample } from "../../support/sample.ts";
import { clientWatch, serverWatch, watchedPair } from "./support.ts";

const ID = 0x1234;

function wordIn(ri: ClientRequestInfo): string {
  try {
    return ri.get_reply_service_context(ID).context_data.join(" ");
  } catch {
    return "-";
  }
}

test("an interceptor that lets requests pass tells its word with the first answer that leaves, of whichever kind", async (t) => {
  const heard: string[] = [];
  const clients = [
    clientWatch("C", (point, ri) => {
      if (!point.startsWith("receive") || point === "receive_other") return;
      heard.push(`${point} ${ri.operation} ${wordIn(ri)}`);
    }),
  ];
  const called: string[] = [];
  const words: number[] = [];
  const servers = [
    {
      ...serverWatch("S", (point) => void called.push(point)),
      passes: () => true,
      tells: () => () => {
        const word = words.shift();
        if (word === undefined) return undefined;
        return { context_id: ID, context_data: Uint8Array.of(word) };
      },
    },
  ];
  const { far, servant } = await watchedPair(t, { clients }, { servers });
  const parked = sample.park(far);
  await servant.called(1);
  words.push(7);
  await sample.echo(far, "x");
  for (const end of servant.parked) end();
  await parked;
  words.push(8);
  await t.throwsAsync(sample.refuse(far, "no"));
  words.push(9);
  await t.throwsAsync(sample.refuse(far, "crash"));
  t.deepEqual(heard, [
    "receive_reply echo 7",
    "receive_reply park -",
    "receive_exception refuse 8",
    "receive_exception refuse 9",
  ]);
  t.deepEqual(called, []);
});
