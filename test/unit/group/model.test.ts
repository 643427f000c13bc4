import test from "ava";
import { foundingView, GROUP_DEFAULTS } from "../../../services/group/index.ts";
import type { GroupSettings, MemberId } from "../../../services/group/index.ts";
import { type Budget, explore, type Mutation, MUTANTS, World } from "../../support/group/index.ts";

/** States of one exploration in these tests; all of them are complete within it. */
const MOST_STATES = 80_000;
/** Wider ones take minutes each: `ORBWEAVER_MODEL_STATES=5000000 npx ava dist/test/unit/group/model.test.js`. */
const LONG_STATES = Number(process.env["ORBWEAVER_MODEL_STATES"] ?? 0);

interface Model {
  readonly members: readonly MemberId[];
  readonly witness?: MemberId;
  readonly settings?: Partial<GroupSettings>;
  readonly isSlow?: boolean;
  readonly budget: Budget;
}

function founded({ members, witness, settings, isSlow }: Model, mutation?: Mutation): World {
  return World.founded(
    {
      settings: Object.freeze({ ...GROUP_DEFAULTS, ...settings }),
      members,
      ...(witness === undefined ? {} : { witness }),
      ...(isSlow === undefined ? {} : { isSlow }),
      ...(mutation === undefined ? {} : { mutation }),
    },
    foundingView(members, witness),
  );
}

/** Lets the results of the test before be told: all of them together take longer than a runner waits for one. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const A_AND_B: readonly MemberId[] = ["a", "b"];
const THREE: readonly MemberId[] = ["a", "b", "c"];

const MODELS: Readonly<Record<string, Model>> = {
  "two members, messages in any order": {
    members: A_AND_B,
    budget: { updates: ["a", "b"], stands: 1 },
  },
  "two members, messages in any order and twice": {
    members: A_AND_B,
    settings: { style: "active" },
    budget: { updates: ["b"], stands: 1, doubles: 1 },
  },
  "two members, a client that tells what is answered, messages in any order and twice": {
    members: A_AND_B,
    budget: { updates: ["b", "a"], stands: 1, standers: ["b"], doubles: 1, isTelling: true },
  },
  "two members, active, the same": {
    members: A_AND_B,
    settings: { style: "active" },
    budget: { updates: ["b", "a"], stands: 1, standers: ["b"], doubles: 1, isTelling: true },
  },
  "two members, servants that take their time": {
    members: A_AND_B,
    isSlow: true,
    budget: { updates: ["a", "b"], stands: 1, isOrdered: true },
  },
  "two members, one of them leaves, and any may stand without the other": {
    members: A_AND_B,
    budget: { updates: ["a", "b"], stands: 1, isDropping: true, retirements: 1, isOrdered: true },
  },
  "two members, one of them leaves, messages in any order": {
    members: A_AND_B,
    settings: { style: "active" },
    budget: { updates: ["b"], stands: 1, isDropping: true, retirements: 1 },
  },
  "two members, both leave, and both stand": {
    members: A_AND_B,
    budget: { updates: ["a"], stands: 2, isDropping: true, retirements: 2, isOrdered: true },
  },
  "two members, one leaves while another joins": {
    members: A_AND_B,
    settings: { style: "active" },
    budget: {
      updates: ["a"],
      stands: 1,
      standers: ["a"],
      retirements: 1,
      joins: [{ id: "d", contact: "b" }],
      isOrdered: true,
    },
  },
  "two members and a witness, one may crash": {
    members: A_AND_B,
    witness: "w",
    settings: { style: "warm-passive" },
    budget: { updates: ["a", "b"], stands: 1, isDropping: true, crashes: 1, isOrdered: true },
  },
  "two members and a witness, one stands without the other": {
    members: A_AND_B,
    witness: "w",
    budget: {
      updates: ["a"],
      stands: 2,
      standers: ["b"],
      isDropping: true,
      crashes: 1,
      isOrdered: true,
    },
  },
  "three members, one may crash": {
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, isDropping: true, crashes: 1, isOrdered: true },
  },
  "three members, two updates and a new primary": {
    members: THREE,
    budget: { updates: ["a", "b"], stands: 1, standers: ["b"], isOrdered: true },
  },
  "three members that all acknowledge, and a read": {
    members: THREE,
    settings: { style: "active", ack: "all" },
    budget: { updates: ["a"], reads: ["a"], stands: 1, standers: ["b"], isOrdered: true },
  },
  "a third one joins two, one may crash": {
    members: A_AND_B,
    settings: { style: "active", ack: "all" },
    budget: {
      updates: ["a", "b"],
      stands: 1,
      standers: ["a"],
      joins: [{ id: "d", contact: "b" }],
      crashes: 1,
      isOrdered: true,
    },
  },
  "one joins a single one, which serves meanwhile": {
    members: ["a"],
    settings: { style: "active" },
    budget: { updates: ["a", "d"], stands: 2, joins: [{ id: "d", contact: "a" }] },
  },
  "cold passive: a new primary begins from checkpoint and log": {
    members: A_AND_B,
    settings: { style: "cold-passive" },
    budget: { updates: ["a", "b"], stands: 2, isOrdered: true },
  },
  "warm passive, deferred: updates travel beside the next requests": {
    members: A_AND_B,
    settings: { style: "warm-passive", isDeferred: true },
    isSlow: true,
    budget: { updates: ["a", "b"], doubles: 1, flushes: 1, stands: 1, isOrdered: true },
  },
  "from semi-active to warm passive: all from one operation on": {
    members: A_AND_B,
    budget: { updates: ["a", "b"], styles: ["warm-passive"], stands: 1, isOrdered: true },
  },
  "from active to semi-active and back, servants that take their time": {
    members: A_AND_B,
    settings: { style: "active" },
    isSlow: true,
    budget: { updates: ["a", "b"], styles: ["semi-active", "active"], isOrdered: true },
  },
  "from warm passive, deferred, to active": {
    members: A_AND_B,
    settings: { style: "warm-passive", isDeferred: true },
    isSlow: true,
    budget: { updates: ["a", "b"], styles: ["active"], stands: 1, isOrdered: true },
  },
  "two members and a witness, one may crash while the style is changed": {
    members: A_AND_B,
    witness: "w",
    budget: {
      updates: ["a"],
      styles: ["active"],
      stands: 1,
      standers: ["b"],
      isDropping: true,
      crashes: 1,
      isOrdered: true,
    },
  },
  "a primary that acknowledges by itself": {
    members: THREE,
    settings: { style: "active", ack: "one" },
    budget: { updates: ["a"], stands: 1, standers: ["b"], isOrdered: true },
  },
  "four members": {
    members: [...THREE, "d"],
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b"], isOrdered: true },
  },
};

const LONG_MODELS: Readonly<Record<string, Model>> = {
  "two members, one leaves while another joins, two updates": {
    members: A_AND_B,
    settings: { style: "active" },
    budget: {
      updates: ["a", "b"],
      stands: 1,
      isDropping: true,
      retirements: 1,
      joins: [{ id: "d", contact: "b" }],
      isOrdered: true,
    },
  },
  "two members, one leaves, both stand, messages in any order": {
    members: A_AND_B,
    settings: { style: "active" },
    budget: { updates: ["b"], stands: 2, isDropping: true, retirements: 1 },
  },
  "three members, one leaves, one is dropped": {
    members: THREE,
    settings: { style: "active" },
    budget: {
      updates: ["a"],
      stands: 1,
      standers: ["b"],
      isDropping: true,
      retirements: 1,
      isOrdered: true,
    },
  },
  "two members and a witness, both stand": {
    members: A_AND_B,
    witness: "w",
    budget: { updates: ["a"], stands: 2, isDropping: true, isOrdered: true },
  },
  "three members, two of them stand": {
    members: THREE,
    budget: { updates: ["a"], stands: 2, standers: ["b", "c"], isOrdered: true },
  },
  "three members, messages in any order": {
    members: THREE,
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b"] },
  },
  "three members, a primary that has no room for what is passed on": {
    members: THREE,
    settings: { style: "active", windowCount: 1, queueCount: 1 },
    budget: { updates: ["a", "b", "c"], stands: 1, standers: ["b"], isOrdered: true },
  },
  "two members and a witness, both stand, two updates": {
    members: A_AND_B,
    witness: "w",
    budget: { updates: ["a", "b"], stands: 2, isDropping: true, isOrdered: true },
  },
  "a third one joins two, both stand, one may crash": {
    members: A_AND_B,
    settings: { style: "active" },
    budget: {
      updates: ["b"],
      stands: 2,
      joins: [{ id: "d", contact: "b" }],
      crashes: 1,
      isDropping: true,
      isOrdered: true,
    },
  },
  "three members, one may crash while the style is changed": {
    members: THREE,
    settings: { style: "active" },
    budget: {
      updates: ["a"],
      styles: ["warm-passive"],
      stands: 1,
      standers: ["b"],
      isDropping: true,
      crashes: 1,
      isOrdered: true,
    },
  },
  "two members, a client that tells what is answered, three updates and two new primaries": {
    members: A_AND_B,
    budget: { updates: ["b", "a", "b"], stands: 2, doubles: 1, isOrdered: true, isTelling: true },
  },
  "four members, one may crash": {
    members: [...THREE, "d"],
    settings: { style: "active" },
    budget: { updates: ["a"], stands: 1, standers: ["b", "c"], crashes: 1, isOrdered: true },
  },
};

for (const [name, model] of Object.entries(LONG_STATES > 0 ? LONG_MODELS : MODELS))
  test.serial(`every interleaving keeps the invariants: ${name}`, async (t) => {
    t.timeout(3_600_000);
    await turn();
    const { isComplete, fault, ...seen } = explore(
      founded(model),
      model.budget,
      Math.max(MOST_STATES, LONG_STATES),
    );
    t.is(fault, undefined, `${fault?.what}\n${fault?.path.join("\n")}`);
    t.true(isComplete, `${seen.stateCount} states were not all`);
    // Nothing would be shown by worlds in which nothing was answered and nobody was followed by another.
    t.true(seen.viewNumber > 1 && seen.releasedCount === model.budget.updates.length);
    t.log(`${seen.stateCount} states, ${seen.moveCount} steps`);
  });

for (const mutant of MUTANTS)
  test.serial(`the checker notices when ${mutant.mutation.name}`, async (t) => {
    await turn();
    const { fault, stateCount } = explore(
      founded(mutant, mutant.mutation),
      mutant.budget,
      MOST_STATES,
    );
    t.regex(fault?.what ?? "nothing noticed", mutant.says, `${stateCount} states`);
  });
