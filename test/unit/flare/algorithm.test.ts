import test from "ava";
import fc from "fast-check";
import {
  type Candidate,
  failoverTargets,
  type Processor,
  rankTargets,
} from "../../../services/manager/index.ts";

const at = (process: string, processor: string): Candidate => ({ process, processor });

/** The processors of the paper's figure 2, with clients 1 to 4 at work; the last two are busy or not. */
function testbed(dynamic: number): readonly Processor[] {
  const a = { id: "A", load: 0.4, replicas: [at("A-2", "ALPHA"), at("A-3", "LAMBADA")] };
  const b = { id: "B", load: 0.3, replicas: [at("B-2", "BETA"), at("B-3", "CHARLIE")] };
  const idle = (name: string, utilization: number): Processor => ({
    name,
    utilization,
    processes: [],
  });
  return [
    { name: "TANGO", utilization: 0.7, processes: [{ objects: [a, b] }] },
    idle("ALPHA", 0.2),
    idle("BETA", 0.1),
    idle("LAMBADA", dynamic),
    idle("CHARLIE", dynamic),
  ];
}

test("the paper's experiment: away from the processors that have become busy", (t) => {
  const targets = failoverTargets(testbed(0.5));
  t.is(targets.get("A")?.process, "A-2", "on ALPHA");
  t.is(targets.get("B")?.process, "B-2", "on BETA");
  const before = failoverTargets(testbed(0));
  t.deepEqual([before.get("A")?.process, before.get("B")?.process], ["A-3", "B-3"]);
});

test("objects of one processor spread: what one will take is expected of its target", (t) => {
  const replicas = [at("x", "one"), at("y", "two")];
  const objects = ["p", "q", "r"].map((id) => ({ id, load: 0.2, replicas }));
  const processors: readonly Processor[] = [
    { name: "home", utilization: 0.6, processes: [{ objects }] },
    { name: "one", utilization: 0.1, processes: [] },
    { name: "two", utilization: 0.2, processes: [] },
  ];
  const targets = failoverTargets(processors);
  // 0.1 < 0.2; then 0.3 > 0.2; then 0.3 < 0.4.
  t.deepEqual(
    ["p", "q", "r"].map((id) => targets.get(id)?.processor),
    ["one", "two", "one"],
  );
});

test("expectations begin anew for each processor: one fails at a time", (t) => {
  const replicas = [at("x", "one"), at("y", "two")];
  const home = (name: string, id: string): Processor => ({
    name,
    utilization: 0.5,
    processes: [{ objects: [{ id, load: 0.9, replicas }] }],
  });
  const targets = failoverTargets([
    home("h1", "p"),
    home("h2", "q"),
    { name: "one", utilization: 0.1, processes: [] },
    { name: "two", utilization: 0.2, processes: [] },
  ]);
  t.is(targets.get("p")?.processor, "one");
  t.is(targets.get("q")?.processor, "one");
});

const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

/** Up to five processors, objects on some of them, with replicas on others. */
const systems: fc.Arbitrary<readonly Processor[]> = fc
  .array(share, { minLength: 1, maxLength: 5 })
  .chain((loads) => {
    const replica = fc.nat({ max: loads.length - 1 });
    const object = fc.record({ load: share, on: fc.array(replica, { maxLength: 6 }) });
    const process = fc.array(object, { maxLength: 3 });
    return fc
      .array(fc.array(process, { maxLength: 3 }), {
        minLength: loads.length,
        maxLength: loads.length,
      })
      .map((homes) =>
        loads.map(
          (utilization, i): Processor => ({
            name: `n${i}`,
            utilization,
            processes: (homes[i] ?? []).map((objects, j) => ({
              objects: objects.map(({ load, on }, k) => ({
                id: `${i}/${j}/${k}`,
                load,
                replicas: on.map((n, r) => at(`${i}/${j}/${k} replica ${r}`, `n${n}`)),
              })),
            })),
          }),
        ),
      );
  });

/** Algorithm 1, line by line as the paper prints it. */
function asPrinted(processors: readonly Processor[]): Map<string, Candidate> {
  const target = new Map<string, Candidate>();
  const N = processors.length;
  for (let i = 1; i <= N; i++) {
    const expected: Record<string, number> = {};
    for (const { name, utilization } of processors) expected[name] = utilization;
    const here = processors[i - 1]?.processes ?? [];
    for (let j = 1; j <= here.length; j++) {
      const objects = here[j - 1]?.objects ?? [];
      for (let k = 1; k <= objects.length; k++) {
        const object = objects[k - 1];
        if (object === undefined || object.replicas.length === 0) continue;
        const among = object.replicas.map(({ processor }) => expected[processor] ?? 0);
        const MIN = object.replicas[among.indexOf(Math.min(...among))];
        if (MIN === undefined) continue;
        target.set(object.id, MIN);
        expected[MIN.processor] = (expected[MIN.processor] ?? 0) + object.load;
      }
    }
  }
  return target;
}

test("it is Algorithm 1 of the paper", (t) => {
  fc.assert(
    fc.property(systems, (processors) => {
      t.deepEqual(new Map(failoverTargets(processors)), asPrinted(processors));
    }),
  );
});

const namesOf = (candidates: readonly Candidate[]): readonly string[] =>
  candidates.map(({ process }) => process).toSorted();

test("the total order has each replica once, the algorithm's target first, and depends on nothing else", (t) => {
  fc.assert(
    fc.property(systems, (processors) => {
      const ranks = rankTargets(processors);
      const first = failoverTargets(processors);
      for (const { id, replicas } of processors.flatMap(({ processes }) =>
        processes.flatMap(({ objects }) => objects),
      )) {
        const ranked = ranks.get(id) ?? [];
        t.deepEqual(namesOf(ranked), namesOf(replicas));
        t.is(ranked[0], first.get(id));
      }
      t.deepEqual(rankTargets(structuredClone(processors)), ranks);
    }),
  );
});

test("one object alone: its replicas by the utilization of their processors", (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(share, { minLength: 1, maxLength: 8 }), (loads) => {
      const replicas = loads.map((_, i) => at(`r${i}`, `n${i}`));
      const ranks = rankTargets([
        {
          name: "home",
          utilization: 0,
          processes: [{ objects: [{ id: "o", load: 0.1, replicas }] }],
        },
        ...loads.map((utilization, i) => ({ name: `n${i}`, utilization, processes: [] })),
      ]);
      const order = loads.map((_, i) => `r${i}`);
      order.sort((a, b) => (loads[Number(a.slice(1))] ?? 0) - (loads[Number(b.slice(1))] ?? 0));
      t.deepEqual(
        ranks.get("o")?.map(({ process }) => process),
        order,
      );
    }),
  );
});
