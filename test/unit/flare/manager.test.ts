// What the manager knows: plain data, and what it makes of what it is told.
import test from "ava";
import fc from "fast-check";
import {
  addAgent,
  LIMITS,
  type ManagerState,
  newManagerState,
  observe,
  processFailed,
  type ProcessorReport,
  processorFailed,
  rank,
  register,
  withdraw,
} from "../../../services/manager/index.ts";

/** One object with replicas on processors of the same number: `A: n1 n2 n3`. */
function managing(object: string, processors: readonly string[], load = 0.1): ManagerState {
  const state = newManagerState();
  add(state, object, processors, load);
  return state;
}

function add(state: ManagerState, object: string, processors: readonly string[], load = 0.1): void {
  for (const processor of processors)
    register(state, {
      object,
      process: `${object}@${processor}`,
      processor,
      load,
      reference: `IOR:${object}${processor}`,
    });
  rank(state);
}

const report = (
  processor: string,
  number: number,
  more: Partial<ProcessorReport> = {},
): ProcessorReport => ({
  processor,
  run: 1n,
  number: BigInt(number),
  utilization: 0.1,
  processes: [`A@${processor}`],
  gone: [],
  ...more,
});

const targets = (state: ManagerState, object = "A"): readonly string[] =>
  state.objects.get(object)?.ranking.targets ?? [];

test("the replica registered first is in use, the others follow by the utilization of their processors", (t) => {
  const state = managing("A", ["n1", "n2", "n3"]);
  t.deepEqual(targets(state), ["A@n1", "A@n2", "A@n3"]);
  observe(state, report("n2", 1, { utilization: 0.5 }));
  t.deepEqual(rank(state), ["A"]);
  t.deepEqual(targets(state), ["A@n1", "A@n3", "A@n2"]);
  observe(state, report("n2", 2, { utilization: 0.6 }));
  t.deepEqual(rank(state), [], "the order is the same: nobody is told");
});

test("when the one in use fails, the first that clients were told of is in use", (t) => {
  const state = managing("A", ["n1", "n2", "n3"]);
  observe(state, report("n2", 1, { utilization: 0.5 }));
  rank(state);
  // Now the third would be worse: but clients have gone there.
  observe(state, report("n3", 1, { utilization: 0.9 }));
  observe(state, report("n1", 1, { processes: [], gone: ["A@n1"] }));
  const order = targets(state);
  rank(state);
  t.deepEqual(order, ["A@n1", "A@n3", "A@n2"]);
  t.deepEqual(targets(state), ["A@n3", "A@n2"]);
  t.deepEqual(state.objects.get("A")?.ranking.gone, ["A@n1"]);
});

test("a replica that has failed comes back by its registration, as the last", (t) => {
  const state = managing("A", ["n1", "n2"]);
  processFailed(state, "n1", "A@n1");
  rank(state);
  t.deepEqual(targets(state), ["A@n2"]);
  observe(state, report("n1", 1));
  rank(state);
  t.deepEqual(targets(state), ["A@n2"], "that the process lives says nothing of its objects");
  add(state, "A", ["n1"]);
  t.deepEqual(targets(state), ["A@n2", "A@n1"]);
});

test("a silent processor is suspected, and its replicas are back with the next report", (t) => {
  const state = managing("A", ["n1", "n2"]);
  observe(state, report("n1", 1));
  processorFailed(state, "n1");
  rank(state);
  t.deepEqual(targets(state), ["A@n2"]);
  observe(state, report("n1", 2));
  rank(state);
  t.deepEqual(targets(state), ["A@n2", "A@n1"]);
});

test("old reports say nothing: neither earlier ones nor those of an earlier run", (t) => {
  const state = managing("A", ["n1"]);
  t.true(observe(state, report("n1", 5, { run: 2n })));
  t.false(observe(state, report("n1", 5, { run: 2n })));
  t.false(observe(state, report("n1", 4, { run: 2n, gone: ["A@n1"] })));
  t.false(observe(state, report("n1", 9, { run: 1n, gone: ["A@n1"] })));
  t.is(state.objects.get("A")?.replicas[0]?.health, "alive");
});

test("a monitor that was started anew has five reports to see the processes again", (t) => {
  const state = managing("A", ["n1", "n2"]);
  observe(state, report("n1", 7));
  for (const number of [1, 2, 3, 4]) {
    observe(state, report("n1", number, { run: 2n, processes: [] }));
    rank(state);
    t.is(targets(state)[0], "A@n1");
  }
  observe(state, report("n1", 5, { run: 2n, processes: [] }));
  rank(state);
  t.deepEqual(targets(state), ["A@n2"], "it died while nobody watched");
});

test("a process that is gone when a replica is registered again is gone from before", (t) => {
  const state = managing("A", ["n1"]);
  observe(state, report("n1", 1, { processes: [], gone: ["A@n1"] }));
  rank(state);
  t.deepEqual(targets(state), []);
  add(state, "A", ["n1"]);
  observe(state, report("n1", 2, { processes: [], gone: ["A@n1"] }));
  rank(state);
  t.deepEqual(targets(state), ["A@n1"]);
});

test("an object without replicas is forgotten, and told so", (t) => {
  const state = managing("A", ["n1", "n2"]);
  t.is(withdraw(state, "A", "A@n1"), undefined);
  rank(state);
  t.deepEqual(targets(state), ["A@n2"]);
  t.is(withdraw(state, "A", "A@n2"), "A");
  t.is(state.objects.size, 0);
});

test("what is wrong or too much is refused in words", (t) => {
  const state = newManagerState();
  const replica = { object: "A", process: "p", processor: "n", load: 0.1, reference: "IOR:" };
  t.regex(register(state, { ...replica, load: 1.5 }) ?? "", /0 to 1, not 1\.5/);
  t.regex(register(state, { ...replica, object: "" }) ?? "", /1 to 200 characters/);
  for (let i = 0; i < LIMITS.replicas; i++) register(state, { ...replica, process: `p${i}` });
  t.regex(register(state, replica) ?? "", /64 replicas at most/);
  for (let i = 0; i < LIMITS.agents; i++) state.agents.push(`IOR:${i}`);
  t.regex(addAgent(state, "IOR:x") ?? "", /10000 forwarding agents/);
  t.is(addAgent(state, "IOR:0"), undefined, "one that is known may register as often as it likes");
});

type Operation = (state: ManagerState) => void;

const processor = fc.constantFrom("n1", "n2", "n3");
const object = fc.constantFrom("A", "B");
const operations: fc.Arbitrary<readonly Operation[]> = fc.array(
  fc.oneof(
    fc.tuple(object, processor).map(
      ([o, p]): Operation =>
        (state) =>
          add(state, o, [p], 0.2),
    ),
    fc.tuple(processor, fc.nat({ max: 9 }), fc.nat({ max: 10 })).map(
      ([p, number, load]): Operation =>
        (state) => {
          observe(state, report(p, number, { utilization: load / 10, processes: [], gone: [] }));
        },
    ),
    fc.tuple(object, processor).map(
      ([o, p]): Operation =>
        (state) => {
          processFailed(state, p, `${o}@${p}`);
        },
    ),
    processor.map(
      (p): Operation =>
        (state) =>
          processorFailed(state, p),
    ),
    fc.tuple(object, processor).map(
      ([o, p]): Operation =>
        (state) => {
          withdraw(state, o, `${o}@${p}`);
        },
    ),
  ),
  { maxLength: 40 },
);

test("managers that are told the same know the same, and never name a dead target or one twice", (t) => {
  fc.assert(
    fc.property(operations, (told) => {
      const one = newManagerState();
      const other = newManagerState();
      for (const operation of told) {
        let version = one.version;
        operation(one);
        for (const id of rank(one)) {
          const newer = one.objects.get(id)?.ranking.version ?? 0n;
          t.true(newer > version, "each change has a version of its own");
          version = newer;
        }
        operation(other);
        rank(other);
        t.deepEqual(rank(one), [], "ranked twice is ranked once");
      }
      t.deepEqual(one, other);
      for (const { replicas, ranking } of one.objects.values()) {
        const alive = replicas.filter(({ health }) => health === "alive");
        const living = alive.map(({ process }) => process).toSorted();
        t.deepEqual([...ranking.targets].toSorted(), living);
        t.is(ranking.targets.length + ranking.gone.length, replicas.length);
      }
    }),
  );
});
