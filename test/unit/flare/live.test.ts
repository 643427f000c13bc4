// Real processes: servers that are killed, and clients that go on.
import test from "ava";
import { COMM_FAILURE, Completion } from "../../../orb/index.ts";
import { FlareScene } from "../../support/flare/scene.ts";
import { sample } from "../../support/sample.ts";

test("a killed server's client goes on at the replica that the manager named beforehand", async (t) => {
  const scene = await FlareScene.open(t);
  await scene.processor("tango");
  await scene.processor("alpha");
  const first = await scene.replica("A", "a1", "tango");
  await scene.replica("A", "a2", "alpha");
  const client = await scene.client({ strategy: "proactive" });
  const reference = await client.to(first.ior);
  t.is(await sample.echo(reference, "x"), "a1");
  first.process.kill("SIGKILL");
  await first.process.ended();
  t.is(await sample.echo(reference, "x"), "a2");
  t.is(await sample.echo(reference, "x"), "a2");
  t.is(client.redirection.redirectedCount, 1, "later calls know the way");
  await scene.until(({ objects }) => objects[0]?.replicas[0]?.process === "a2");
  t.deepEqual(scene.manager.servant.state.objects.get("A")?.ranking.gone, ["a1"]);
});

test("servers that are killed one after the other, in the middle of calls: with the caller's leave nothing is noticed", async (t) => {
  const scene = await FlareScene.open(t);
  const busy = { alpha: 0.5, beta: 0.1 };
  await scene.processor("tango");
  await scene.processor("alpha", () => busy.alpha);
  await scene.processor("beta", () => busy.beta);
  const first = await scene.replica("A", "a1", "tango");
  await scene.replica("A", "a2", "alpha");
  await scene.replica("A", "a3", "beta");
  for (const strategy of ["proactive", "reactive"] as const) {
    const client = await scene.client({ strategy, mayRepeat: () => true });
    await scene.until(({ processors }) => processors.every(({ utilization }) => utilization >= 0));
    const reference = await client.to(first.ior);
    t.is(await sample.echo(reference, "x"), strategy === "proactive" ? "a1" : "a3", strategy);
    if (strategy === "reactive") continue;
    t.is(await sample.echo(reference, "crash a1"), "a3", "beta has less to do than alpha");
    await scene.until(({ objects }) => objects[0]?.replicas[0]?.process === "a3");
  }
});

test("without the caller's leave a call that was lost with its server is the program's to repeat", async (t) => {
  const scene = await FlareScene.open(t);
  await scene.processor("tango");
  await scene.processor("alpha");
  const first = await scene.replica("A", "a1", "tango");
  await scene.replica("A", "a2", "alpha");
  const client = await scene.client({ strategy: "proactive" });
  const reference = await client.to(first.ior);
  const error = await t.throwsAsync(sample.echo(reference, "crash a1"), {
    instanceOf: COMM_FAILURE,
  });
  t.is((error as COMM_FAILURE).completed, Completion.maybe);
  // While the kernel ends it, its port may take connections that nobody will serve.
  await first.process.ended();
  t.is(await sample.echo(reference, "x"), "a2");
});
