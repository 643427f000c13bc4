import test from "ava";
import type { CoreKeeper } from "../../../services/lanes/index.ts";
import { wire } from "../../../services/node/index.ts";
import { laneSpec, Lines, within } from "./laned.ts";

/** Remembers what is to be awake; one core cannot be. */
class Recorded implements CoreKeeper {
  readonly kept: (readonly number[])[] = [];

  keep(cores: readonly number[]): readonly { readonly core: number; readonly reason: string }[] {
    this.kept.push(cores);
    return cores
      .filter((core) => core === 1)
      .map((core) => ({ core, reason: "EACCES: by hand: …" }));
  }
}

test("the core of a lane is awake while the lane is there; what is not to be had is in the lane's one warning", async (t) => {
  const ordinary = { scheduling: "other", warmUpCalls: 0 } as const;
  const awake = new Recorded();
  const logger = new Lines();
  const { lanes: host } = wire(
    {
      lanes: {
        a: { ...ordinary, priority: 1, reserve: { core: 0, awake: true } },
        b: { ...ordinary, priority: 2, reserve: { core: 1, awake: true } },
        c: { ...ordinary, priority: 3, reserve: { core: 0 } },
      },
    },
    { logger, awake },
  );
  const specs = ["a", "b", "c"].map((name, n) => laneSpec(name, { priority: n + 1 }));
  const [a, b, c] = await host.start(specs, within());
  t.deepEqual(awake.kept, [[0], [0, 1]]);
  const warnings = logger.all.filter((line) => line.includes("awake"));
  t.is(warnings.length, 1);
  t.regex(
    warnings[0] ?? "",
    /^warn lane "b" serves without .*core 1 awake was not granted \(EACCES: by hand: …\)/,
  );
  await c?.close(within());
  t.is(awake.kept.length, 2, "it had not asked");
  await a?.close(within());
  t.deepEqual(awake.kept.at(-1), [1]);
  await b?.close(within());
  t.deepEqual(awake.kept.at(-1), []);
});
