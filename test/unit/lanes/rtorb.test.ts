import test from "ava";
import { loadNative } from "../../../native/index.ts";
import { BAD_OPERATION, ORB_init } from "../../../orb/index.ts";
import { wire } from "../../../services/node/index.ts";
import { Lines, obedient } from "./laned.ts";
import { Obedient, tell } from "./servants.ts";

const LOW = 1_000;
const HIGH = 20_000;
/** One connection, 16 callers. */
const CALLERS = 16;

test.serial(
  "a thread pool of RTORB has threads: its references lead to the lane of the priority",
  async (t) => {
    const log = new Lines();
    const other = { scheduling: "other", warmUpCalls: 20 } as const;
    const lanes = { low: { ...other, priority: LOW }, high: { ...other, priority: HIGH } };
    await using orb = await ORB_init([], wire({ lanes }, { logger: log }));
    const threadpool = await orb.rt.create_threadpool_with_lanes(
      0,
      [
        { lane_priority: LOW, static_threads: 1, dynamic_threads: 0 },
        { lane_priority: HIGH, static_threads: 2, dynamic_threads: 0 },
      ],
      false,
      true,
      1_000,
      1 << 20,
    );
    orb.rootPOA.the_POAManager.activate();
    const declared = await orb.rootPOA.createPoa("declared", {
      idAssignment: "USER_ID",
      threadpool,
      priorityModel: { model: "SERVER_DECLARED", priority: HIGH },
    });
    await t.throwsAsync(declared.activate("a", new Obedient()), { instanceOf: BAD_OPERATION });
    const propagated = await orb.rootPOA.createPoa("propagated", {
      idAssignment: "USER_ID",
      threadpool,
      priorityModel: { model: "CLIENT_PROPAGATED", priority: LOW },
    });
    const high = await declared.activateModule("a", obedient("declared"));
    const any = await propagated.activateModule("a", obedient("propagated"));
    await using client = await ORB_init([], { config: { orb: { listen: [] } } });
    const target = await client.string_to_object(orb.object_to_string(high));
    const other2 = await client.string_to_object(orb.object_to_string(any));
    if (target === null || other2 === null) throw new TypeError("nil");
    t.regex(await tell(target, "who"), /^declared in/);
    t.regex(await tell(other2, "who"), /^propagated in/);
    const answers = await Promise.all(Array.from({ length: CALLERS }, () => tell(target, "echo")));
    t.deepEqual(new Set(answers), new Set(["echo"]));
    // The main thread's ORB calls through the same references.
    t.regex(await tell(high, "who"), /^declared in/);
  },
);

test.serial("the threads of a lane share its port where the reactor is there", async (t) => {
  if (loadNative() === undefined) {
    t.pass("no addon");
    return;
  }
  const log = new Lines();
  const lanes = { wide: { priority: LOW, scheduling: "other", warmUpCalls: 0 } } as const;
  await using orb = await ORB_init([], wire({ lanes }, { logger: log }));
  const threadpool = await orb.rt.create_threadpool_with_lanes(
    0,
    [{ lane_priority: LOW, static_threads: 2, dynamic_threads: 0 }],
    false,
    true,
    1_000,
    1 << 20,
  );
  orb.rootPOA.the_POAManager.activate();
  const poa = await orb.rootPOA.createPoa("p", {
    idAssignment: "USER_ID",
    threadpool,
    priorityModel: { model: "SERVER_DECLARED", priority: LOW },
  });
  const reference = orb.object_to_string(await poa.activateModule("a", obedient("wide")));
  const threads = new Set<string>();
  // The system spreads connections by their ports: one is enough to find a thread, many to find both.
  for (let client = 0; client < 64 && threads.size < 2; client++) {
    await using caller = await ORB_init([], { config: { orb: { listen: [] } } });
    const target = await caller.string_to_object(reference);
    if (target !== null) threads.add(await tell(target, "who"));
  }
  t.is(threads.size, 2);
});
