import test from "ava";
import { type ObjectReference, SystemException } from "../../../orb/index.ts";
import { Laned, laneSpec, obedient, within } from "./laned.ts";
import { tell } from "./servants.ts";

/** Deaths of a thread, by what leads to them. */
const DEATHS: readonly (readonly [command: string, line: RegExp])[] = [
  ["crash", /lane "fragile", thread 0 died: TypeError: uncaught, as told: made again in 0 ms/],
  [
    "devour",
    /lane "fragile", thread 0 died: Error: Worker terminated due to reaching memory limit/,
  ],
  ["exit", /lane "fragile", thread 0 ended with code 3: made again in 0 ms/],
];

for (const [command, line] of DEATHS) {
  test.serial(
    `a lane that dies of ${command} is made again at its port, and others do not notice`,
    async (t) => {
      await using laned = await Laned.start([laneSpec("fragile"), laneSpec("steady")], {
        fragile: { oldGenerationMb: 64 },
      });
      await laned.adapter("p");
      await laned.activate("p", "a", obedient);
      const fragile = await laned.at(0, "p", "a");
      const steady = await laned.at(1, "p", "a");
      const before = await tell(fragile, "who");
      await tell(steady, "warm");
      const dying = tell(fragile, command).catch((error: unknown) => error);
      let isBack = false;
      const back = laned.log.line(/fragile.* serves again/).then(() => (isBack = true));
      let calls = 2;
      // The other lane is called all the while.
      while (!isBack) t.is(await tell(steady, "count"), String(calls++));
      await back;
      const outcome = await dying;
      t.true(outcome === "about to" || outcome instanceof SystemException);
      t.truthy(
        laned.log.all.find((said) => line.test(said)),
        laned.log.all.join("\n"),
      );
      const after = await tell(fragile, "who");
      t.regex(after, /^fragile in/);
      t.not(after, before, "it is another thread");
      t.is(await tell(steady, "count"), String(calls));
    },
  );
}

/** A call arrives: the client may have to learn first that the thread it was connected to is gone. */
async function answered(object: ObjectReference): Promise<void> {
  for (;;) if ((await tell(object, "hello").catch(() => undefined)) === "hello") return;
}

test.serial("a lane that dies too often is given up, and that is told", async (t) => {
  const restarts = { most: 2, withinMs: 60_000, firstDelayMs: 1, longestDelayMs: 1 };
  await using laned = await Laned.start([laneSpec("hopeless")], {}, { restarts });
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const object = await laned.at(0, "p", "a");
  const back = /hopeless.* serves again/;
  for (let death = 0; death < 2; death++) {
    await answered(object);
    const served = laned.log.count(back);
    await tell(object, "exit").catch(() => undefined);
    await laned.log.line(back, served + 1);
  }
  await answered(object);
  await tell(object, "exit").catch(() => undefined);
  const line = await laned.log.line(/^error /);
  t.is(
    line,
    'error lane "hopeless", thread 0 ended with code 3: given up, for it died 3 times within 60 s',
  );
  await t.throwsAsync(laned.lane(0).deactivate(["p"], new Uint8Array(1), within()), {
    name: "TRANSIENT",
    message: /lane "hopeless", thread 0 ended with code 3/,
  });
});

test.serial("what is done to a lane while it is made again waits for it", async (t) => {
  await using laned = await Laned.start([laneSpec("one")]);
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const object = await laned.at(0, "p", "a");
  const died = laned.log.line(/made again/);
  await tell(object, "exit").catch(() => undefined);
  await died;
  await laned.activate("p", "b", obedient);
  t.regex(await tell(await laned.at(0, "p", "b"), "who"), /^one in/);
  t.regex(await tell(object, "who"), /^one in/);
});

test.serial("a thread that does not listen is ended at the deadline", async (t) => {
  const laned = await Laned.start([laneSpec("deaf")]);
  await laned.adapter("p");
  const begun = new Int32Array(new SharedArrayBuffer(4));
  await laned.activate("p", "a", () => ({ ...obedient("deaf"), args: ["deaf", begun] }));
  const object = await laned.at(0, "p", "a");
  const burning = tell(object, "burn 60000").catch((error: unknown) => error);
  while (Atomics.load(begun, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  const startMs = performance.now();
  await laned.lane(0).close(within(300));
  t.true(performance.now() - startMs < 10_000);
  t.true((await burning) instanceof SystemException);
  await laned[Symbol.asyncDispose]();
});
