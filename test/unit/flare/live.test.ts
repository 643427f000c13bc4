// Real processes: servers that are killed, and clients that go on.
import test from "ava";
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
