import test from "ava";
import type { DirectRequest } from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { pair, type Pair } from "./support.ts";

const KEY = "direct";

interface Scene extends Pair {
  readonly servant: Sample;
  readonly reference: Awaited<ReturnType<Pair["far"]>>;
  /** What the receiver took: amounts of "fire". */
  readonly taken: number[];
  /** Has the receiver leave everything. */
  readonly leave: () => void;
}

/** An object with a plain key, and a receiver. */
async function scene(t: Parameters<typeof pair>[0]): Promise<Scene> {
  const both = await pair(t);
  const { server, client } = both;
  const servant = new Sample();
  const taken: number[] = [];
  server.bindPlainKey(KEY, await server.rootPOA.activate(servant));
  let isTaking = true;
  server.receiveDirectly(KEY, ({ operation, input }: DirectRequest) => {
    if (operation === "fire" && isTaking) taken.push(input.long());
    return isTaking;
  });
  const { host, port } = server.endpoints[0] ?? { host: "", port: 0 };
  const reference = await client.string_to_object(`corbaloc:iiop:1.2@${host}:${port}/${KEY}`);
  if (reference === null) throw new TypeError("nil");
  return { ...both, servant, reference, taken, leave: () => (isTaking = false) };
}

test("oneway requests go to the receiver, all others to the object", async (t) => {
  const { reference, servant, taken } = await scene(t);
  await sample.fire(reference, 3);
  t.is(await sample.echo(reference, "asked"), "asked");
  t.deepEqual(taken, [3]);
  t.deepEqual(servant.calls, ["echo asked"]);
});

test("what the receiver leaves is the object's", async (t) => {
  const { reference, servant, taken, leave } = await scene(t);
  leave();
  await sample.fire(reference, 12);
  await servant.called(1);
  t.deepEqual(servant.calls, ["fire 12"]);
  t.deepEqual(taken, []);
});

test("the object is there by its own key as before, and the key bound anew has no receiver", async (t) => {
  const { server, far, reference, servant, taken } = await scene(t);
  const near = server.rootPOA.servant_to_reference(servant);
  await sample.fire(await far(near), 4);
  await servant.called(1);
  server.bindPlainKey(KEY, near);
  await sample.fire(reference, 5);
  await servant.called(2);
  t.deepEqual(servant.calls, ["fire 4", "fire 5"]);
  t.deepEqual(taken, []);
});
