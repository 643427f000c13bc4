import test from "ava";
import { Deadline, noLogger, TestClock } from "../../../orb/base/index.ts";
import { AllowList, PartFailed, Parts } from "../../../services/peer/index.ts";

function parts(): { readonly made: Parts; readonly clock: TestClock } {
  const clock = new TestClock();
  return { made: new Parts({ clock, logger: noLogger, startMs: 100 }), clock };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("parts end the other way round", async (t) => {
  const { made, clock } = parts();
  const ended: string[] = [];
  for (const name of ["orb", "overlay", "naming"])
    await made.start(
      name,
      () => Promise.resolve(name),
      async (part) => void ended.push(part),
    );
  t.deepEqual(Object.keys(made.states()), ["orb", "overlay", "naming"]);
  t.deepEqual(await made.stop(Deadline.after(clock, 50)), []);
  t.deepEqual(ended, ["naming", "overlay", "orb"]);
  t.is(clock.pendingCount, 0);
});

test("a part that does not end in time is left, and the others are told nevertheless", async (t) => {
  const { made, clock } = parts();
  const told: string[] = [];
  const never = new Promise<void>(() => undefined);
  for (const name of ["orb", "stuck", "naming"])
    await made.start(
      name,
      () => Promise.resolve(name),
      (part) => {
        told.push(part);
        return part === "stuck" ? never : Promise.resolve();
      },
    );
  const stopping = made.stop(Deadline.after(clock, 50));
  await settled();
  t.deepEqual(told, ["naming", "stuck"]);
  clock.advanceMs(50);
  t.deepEqual(await stopping, ["stuck"]);
  t.deepEqual(told, ["naming", "stuck", "orb"]);
});

test("a part that is not ready in time fails by name, and is closed when it is there after all", async (t) => {
  const { made, clock } = parts();
  let open: (part: string) => void = () => undefined;
  const closed: string[] = [];
  const starting = made.start(
    "overlay",
    () => new Promise<string>((resolve) => (open = resolve)),
    async (part) => void closed.push(part),
  );
  t.deepEqual(made.states(), { overlay: { ready: false, state: "starting" } });
  clock.advanceMs(100);
  await t.throwsAsync(starting, {
    instanceOf: PartFailed,
    message: "overlay did not start: it was not ready within 100 ms (peer.startMs)",
  });
  open("late");
  await settled();
  t.deepEqual(closed, ["late"]);
  t.deepEqual(made.states(), {});
});

test("what a part's start threw is its cause", async (t) => {
  const { made } = parts();
  const cause = new Error("EADDRINUSE");
  const error = await t.throwsAsync(
    made.start(
      "health",
      () => Promise.reject(cause),
      () => Promise.resolve(),
    ),
    { instanceOf: PartFailed },
  );
  t.is(error.cause, cause);
  t.is(error.part, "health");
});

test("modules from afar: whole ones, beginnings, and no way round", (t) => {
  const list = new AllowList(["./station.js", "/opt/metro/*", "metro-stations"], "/etc/peer");
  t.true(list.allows("file:///etc/peer/station.js"));
  t.true(list.allows("file:///opt/metro/north/a.js"));
  t.true(list.allows("metro-stations"));
  t.false(list.allows("file:///etc/peer/station.js.bak"));
  t.false(list.allows("file:///opt/metro/../other.js"));
  t.false(list.allows("file:///opt/metro/%2e%2e/other.js"));
  t.false(list.allows("file:///opt/metro2/a.js"));
  t.false(list.allows("metro-stations/evil"));
  t.false(list.allows("data:text/javascript,0"));
  t.false(list.allows("file://host/opt/metro/a.js"));
});
