import test from "ava";
import { type Call, type End, faultsOf, type Step } from "../../chaos/history.ts";

const ADD: Step = { do: "add", account: "a", amount: 5 };
const GIVE: Step = { do: "transfer", from: "a", to: "b", amount: 5 };

function call(token: string, step: Step, times: readonly [number, number], end: End): Call {
  return { token, writer: "w", step, beganMs: times[0], endedMs: times[1], end };
}

function done(place: number, balance: number): End {
  return { how: "done", place, balance };
}

const FIRST = call("1", ADD, [0, 10], done(1, 5));
const SECOND = call("2", GIVE, [20, 30], done(2, 0));
const MAYBE = call("?", ADD, [5, 25], { how: "maybe", why: "COMM_FAILURE" });

test("books that the calls can have made are in order", (t) => {
  t.deepEqual(faultsOf([FIRST, SECOND], ["1", "2"]), []);
  t.deepEqual(faultsOf([FIRST, SECOND, MAYBE], ["1", "2"]), [], "it was not executed");
  t.deepEqual(faultsOf([FIRST, SECOND, MAYBE], ["1", "2", "?"]), [], "it was, later");
  const none = call("0", GIVE, [0, 1], { how: "insufficient", balance: 0 });
  const later = [call("1", ADD, [2, 3], done(2, 5))];
  t.deepEqual(faultsOf([none, ...later], ["0", "1"]), []);
});

const WRONG: readonly (readonly [string, readonly Call[], readonly string[], RegExp])[] = [
  ["an acknowledged call is lost", [FIRST, SECOND], ["1"], /^2 was acknowledged and is lost$/],
  ["a call is executed twice", [FIRST, MAYBE], ["1", "?", "?"], /^\? was executed twice: 2 and 3$/],
  ["nobody asked", [FIRST], ["1", "x"], /^x stands at 2, and nobody asked for it$/],
  [
    "one that was not executed was",
    [call("1", ADD, [0, 1], { how: "not", why: "TRANSIENT" })],
    ["1"],
    /told that it was not executed/,
  ],
  [
    "an order that does not fit time",
    [call("1", ADD, [0, 10], done(2, 10)), call("2", ADD, [20, 30], done(1, 5))],
    ["2", "1"],
    /^1 ended 10 ms before 2 began, and stands after it$/,
  ],
  [
    "a result that was not",
    [FIRST, call("2", GIVE, [20, 30], done(2, 1))],
    ["1", "2"],
    /told "done 1", and it was "done 0"/,
  ],
  [
    "a place that was not",
    [call("1", ADD, [0, 10], done(7, 5))],
    ["1"],
    /told to stand at 7, and stands at 1/,
  ],
  [
    "a result that only fits without what came between",
    [FIRST, MAYBE, call("2", GIVE, [30, 40], done(3, 0))],
    ["1", "?", "2"],
    /told "done 0", and it was "done 5"/,
  ],
];

for (const [what, calls, lines, fault] of WRONG)
  test(`the checker notices: ${what}`, (t) => {
    const faults = faultsOf(calls, lines);
    t.is(faults.length, 1, faults.join("\n"));
    t.regex(faults[0] ?? "", fault);
  });
