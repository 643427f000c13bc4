import test from "ava";
import {
  AdapterAlreadyExists,
  BAD_PARAM,
  InvalidPolicy,
  NO_PERMISSION,
  INITIALIZE,
  ObjectAlreadyActive,
  string_to_ObjectId,
} from "../../../orb/index.ts";
import { loadNative } from "../../../native/index.ts";
import type { LaneGroups } from "../../../services/lanes/index.ts";
import { Laned, laneSpec, obedient, SERVANTS, within } from "./laned.ts";
import { tell } from "./servants.ts";

test.serial(
  "each lane serves its own instance of a servant, in its own thread, under the same key",
  async (t) => {
    await using laned = await Laned.start([
      laneSpec("low"),
      laneSpec("high", { priority: 20_000 }),
    ]);
    await laned.adapter("stations");
    await laned.activate("stations", "trindade", obedient);
    const low = await tell(await laned.at(0, "stations", "trindade"), "who");
    const high = await tell(await laned.at(1, "stations", "trindade"), "who");
    t.regex(low, /^low in \d+$/);
    t.regex(high, /^high in \d+$/);
    t.not(low.split(" ").at(-1), high.split(" ").at(-1));
  },
);

test.serial(
  "a function of a module makes servants, too; persistent adapters have the same keys",
  async (t) => {
    await using laned = await Laned.start([laneSpec("one")]);
    await laned.adapter("lasting", { lifespan: "PERSISTENT" });
    await laned.activate("lasting", "a", () => ({
      module: SERVANTS,
      export: "make",
      args: ["made"],
    }));
    t.regex(await tell(await laned.at(0, "lasting", "a"), "who"), /^made in/);
  },
);

test.serial("what a servant throws is a reply, and the lane goes on", async (t) => {
  await using laned = await Laned.start([laneSpec("one")]);
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const object = await laned.at(0, "p", "a");
  const error = await t.throwsAsync(tell(object, "throw"), { instanceOf: BAD_PARAM });
  t.is(error?.minor, 0x4f57_0007);
  t.is(await tell(object, "count"), "2");
});

test.serial("errors cross threads with their class, minor code and message", async (t) => {
  await using laned = await Laned.start([laneSpec("one")]);
  const lane = laned.lane(0);
  const adapter = { path: ["p"], policies: { idAssignment: "USER_ID" } };
  await lane.createAdapter(adapter, within());
  await t.throwsAsync(lane.createAdapter(adapter, within()), { instanceOf: AdapterAlreadyExists });
  await t.throwsAsync(
    lane.createAdapter({ path: ["q"], policies: { lifespan: "FOR_EVER" } }, within()),
    { instanceOf: InvalidPolicy, message: /lifespan cannot be FOR_EVER/ },
  );
  const id = string_to_ObjectId("a");
  await lane.activate(["p"], id, obedient("x"), within());
  await t.throwsAsync(lane.activate(["p"], id, obedient("y"), within()), {
    instanceOf: ObjectAlreadyActive,
  });
  const wrong: readonly (readonly [exported: string, message: RegExp])[] = [
    [
      "Nobody",
      /has no export "Nobody"; it has: Fragile, Obedient, make, makeNothing, refusing, tell/,
    ],
    ["makeNothing", /made no servant/],
  ];
  for (const [exported, message] of wrong) {
    const servant = { module: SERVANTS, export: exported };
    await t.throwsAsync(lane.activate(["p"], string_to_ObjectId("b"), servant, within()), {
      instanceOf: BAD_PARAM,
      message,
    });
  }
  const fragile = { module: SERVANTS, export: "Fragile" };
  await t.throwsAsync(lane.activate(["p"], string_to_ObjectId("b"), fragile, within()), {
    name: "RangeError",
    message: "never made",
  });
  const missing = { module: "file:///nowhere/at-all.js", export: "X" };
  await t.throwsAsync(lane.activate(["p"], string_to_ObjectId("b"), missing, within()), {
    instanceOf: BAD_PARAM,
    message: /^file:\/\/\/nowhere\/at-all\.js cannot be imported: /,
  });
});

test.serial("all lanes start, or none: the error says which endpoint cannot be had", async (t) => {
  await using laned = await Laned.start([laneSpec("one")]);
  const { port } = laned.lane(0).endpoint;
  await t.throwsAsync(
    Laned.start([laneSpec("free"), laneSpec("taken")], {
      taken: { listen: `iiop://127.0.0.1:${port}` },
    }),
    { instanceOf: INITIALIZE, message: new RegExp(`cannot listen on iiop://127.0.0.1:${port}`) },
  );
});

test.serial("one lane's event loop that stands still does not delay another's calls", async (t) => {
  await using laned = await Laned.start([laneSpec("stuck"), laneSpec("quick")]);
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const stuck = await laned.at(0, "p", "a");
  const quick = await laned.at(1, "p", "a");
  await Promise.all([tell(stuck, "warm"), tell(quick, "warm")]);
  const burning = tell(stuck, "burn 600");
  let hasBurnt = false;
  void burning.then(() => (hasBurnt = true));
  for (let call = 0; call < 20; call++) await tell(quick, "count");
  t.false(hasBurnt, "twenty calls were done before the other lane's one");
  t.is(await burning, "burnt");
});

test.serial("a lane that is closed is gone, and its port free", async (t) => {
  const laned = await Laned.start([laneSpec("one")]);
  const { port } = laned.lane(0).endpoint;
  await laned[Symbol.asyncDispose]();
  await using again = await Laned.start([laneSpec("one")], {
    one: { listen: `iiop://127.0.0.1:${port}` },
  });
  t.is(again.lane(0).endpoint.port, port);
});

test.serial("interceptors of lanes are named by module, and run in each lane", async (t) => {
  const laneInitializers = [{ module: SERVANTS, export: "refusing" }];
  await using laned = await Laned.start([laneSpec("one")], {}, { laneInitializers });
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const object = await laned.at(0, "p", "a");
  await t.throwsAsync(tell(object, "who"), { instanceOf: NO_PERMISSION });
});

test.serial(
  "each thread is brought into its lane's group before it is placed; a refusal is told once",
  async (t) => {
    const joined: string[] = [];
    const groups: LaneGroups = {
      join: (lane, threadId) => {
        joined.push(`${lane} ${Number.isInteger(threadId)}`);
        return lane === "poor" ? Promise.reject(new Error("no group for it")) : Promise.resolve();
      },
    };
    await using laned = await Laned.start([laneSpec("rich"), laneSpec("poor")], {}, { groups });
    if (loadNative() === undefined) {
      t.deepEqual(joined, [], "nobody knows the kernel's number of the thread");
      return;
    }
    t.deepEqual(joined, ["rich true", "poor true"]);
    const warnings = laned.log.all.filter((line) => line.startsWith("warn lane"));
    t.deepEqual(warnings, ['warn lane "poor" serves without a group of its own: no group for it']);
  },
);
