// What is done for a replica that will not last, over all orders of what may happen.
import test from "ava";
import fc from "fast-check";
import {
  NO_RECOVERY,
  type RecoveryInput,
  type RecoveryState,
  stepRecovery,
} from "../../../services/recovery/index.ts";

const MOST_FAILURES = 3;

/** What is done at each of some events. */
function run(inputs: readonly RecoveryInput[]): {
  readonly did: readonly string[];
  readonly state: RecoveryState;
} {
  let state = NO_RECOVERY;
  const did = inputs.map((input) => {
    const step = stepRecovery(state, input, MOST_FAILURES);
    state = step.state;
    return step.effects.join(" and ");
  });
  return { did, state };
}

const level = (name: RecoveryState["level"]): RecoveryInput => ({ kind: "level", level: name });
const STARTED: RecoveryInput = { kind: "started" };
const FAILED: RecoveryInput = { kind: "start failed" };
const AGAIN: RecoveryInput = { kind: "again" };
const MOVED: RecoveryInput = { kind: "moved" };
const ENDED: RecoveryInput = { kind: "ended" };

test("the first threshold starts a replacement, the second has the clients leave, and then it is stopped", (t) => {
  const { did } = run([level("first"), STARTED, level("second"), MOVED, ENDED]);
  t.deepEqual(did, ["start", "", "move", "retire", ""]);
});

test("clients leave when the replacement is there, should the second threshold come before it", (t) => {
  t.deepEqual(run([level("first"), level("second"), STARTED]).did, ["start", "", "move"]);
  t.deepEqual(run([level("second"), STARTED]).did, ["start", "move"]);
});

test("one that is exhausted sends its clients to whoever is left, at once", (t) => {
  t.deepEqual(run([level("exhausted"), STARTED, MOVED]).did, ["start and move", "", "retire"]);
});

test("one that dies is replaced, once", (t) => {
  t.deepEqual(run([ENDED, STARTED]).did, ["start", ""]);
  t.deepEqual(run([level("first"), ENDED, STARTED, level("second")]).did, ["start", "", "", ""]);
});

test("a start that fails is tried again after a pause, and given up in the end; clients leave all the same", (t) => {
  const { did, state } = run([level("second"), FAILED, AGAIN, FAILED, AGAIN, FAILED]);
  t.deepEqual(did, ["start", "pause", "start", "pause", "start", "give up and move"]);
  t.is(state.replacement, "given up");
});

test("whatever happens: one start at a time, one move, one stop, and none of a replica that is gone", (t) => {
  const input: fc.Arbitrary<RecoveryInput> = fc.oneof(
    fc
      .constantFrom("calm", "first", "second", "exhausted")
      .map((name) => level(name as RecoveryState["level"])),
    fc.constantFrom(STARTED, FAILED, AGAIN, MOVED, ENDED),
  );
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
      let state = NO_RECOVERY;
      let [starting, starts, moves, stops] = [0, 0, 0, 0];
      for (const one of inputs) {
        const isAnswer = one.kind === "started" || one.kind === "start failed";
        // Only a start that is under way can be answered.
        if (isAnswer && starting === 0) continue;
        if (isAnswer) starting--;
        const wasGone = state.isGone;
        const step = stepRecovery(state, one, MOST_FAILURES);
        state = step.state;
        for (const effect of step.effects) {
          if (effect === "start") starting++;
          if (effect === "start") starts++;
          if (effect === "move") moves++;
          if (effect === "retire") stops++;
          if (effect === "move" || effect === "retire") t.false(wasGone || state.isGone);
        }
        t.true(starting <= 1);
      }
      t.true(starts <= MOST_FAILURES && moves <= 1 && stops <= moves);
    }),
  );
});
