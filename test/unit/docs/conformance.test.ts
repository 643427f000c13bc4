import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "ava";
import { POA_POLICY_TYPES } from "../../../orb/policy/index.ts";
import { type Evidence, faultsOf, hasTest, rowsOf } from "../../support/conformance.ts";

const ROOT: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** What the parts of CORBA 3.3 have an ORB do, with the specifications beside them, as headings of docs/conformance.md. */
const CHAPTERS: readonly string[] = [
  "Part 1, 7: OMG IDL syntax and semantics",
  "Part 1, 8: ORB interface",
  "Part 1, 8: System exceptions",
  "Part 1, 8: TypeCodes",
  "Part 1, 9: Value type semantics",
  "Part 1, 10: Abstract interface semantics",
  "Part 1, 11: Dynamic invocation interface",
  "Part 1, 12: Dynamic skeleton interface",
  "Part 1, 13: Dynamic management of any values",
  "Part 1, 14: The interface repository",
  "Part 1, 15: The portable object adapter",
  "Part 1, 16: Portable interceptors",
  "Part 1, 17: CORBA messaging",
  "Part 2, 6 to 8: Interoperability architecture and bridges",
  "Part 2, 7: Object references",
  "Part 2, 7: Code set conversion",
  "Part 2, 9: CDR",
  "Part 2, 9: GIOP messages",
  "Part 2, 9: IIOP",
  "Part 2, 9: Bidirectional GIOP",
  "Part 2, 10: Secure interoperability",
  "Part 2, 11: Unreliable multicast",
  "Part 3: Components",
  "ZIOP: compressed GIOP",
  "DCE-CIOP",
  "Interworking with COM and Automation",
  "Mapping of IDL to TypeScript",
  "Naming service",
  "Real-time CORBA",
  "Fault-tolerant CORBA",
  "Other services",
];

/** Policies an application of the standard may ask for: each has a row that begins with its name. */
const POLICIES: readonly string[] = [
  "ThreadPolicy",
  "LifespanPolicy",
  "IdUniquenessPolicy",
  "IdAssignmentPolicy",
  "ImplicitActivationPolicy",
  "ServantRetentionPolicy",
  "RequestProcessingPolicy",
  "RebindPolicy",
  "SyncScopePolicy",
  "RequestPriorityPolicy",
  "ReplyPriorityPolicy",
  "RequestStartTimePolicy",
  "RequestEndTimePolicy",
  "ReplyStartTimePolicy",
  "ReplyEndTimePolicy",
  "RelativeRequestTimeoutPolicy",
  "RelativeRoundtripTimeoutPolicy",
  "RoutingPolicy",
  "MaxHopsPolicy",
  "QueueOrderPolicy",
  "BidirectionalPolicy",
  "ProcessingModePolicy",
  "PriorityModelPolicy",
  "ThreadpoolPolicy",
  "ServerProtocolPolicy",
  "ClientProtocolPolicy",
  "PrivateConnectionPolicy",
  "PriorityBandedConnectionPolicy",
  "RequestDurationPolicy",
  "HeartbeatPolicy",
  "HeartbeatEnabledPolicy",
];

const evidence: Evidence = {
  sourceOf: (path) => {
    const file = `${ROOT}test/unit/${path}`;
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  },
  checks: readFileSync(`${ROOT}test/interop/checks.txt`, "utf8").split("\n"),
};

const rows = rowsOf(readFileSync(`${ROOT}docs/conformance.md`, "utf8"));

test("every row of the conformance table says what is so, and names tests that there are", (t) => {
  t.deepEqual(
    rows.flatMap((row) => faultsOf(row, evidence)),
    [],
  );
});

test("the conformance table has rows for every chapter, and each but once", (t) => {
  const chapters = new Set(rows.map((row) => row.chapter));
  t.deepEqual([...chapters], CHAPTERS, "chapters in the order of the standard, none without a row");
  const subjects = rows.map(({ chapter, subject }) => `${chapter}: ${subject}`);
  const doubles = subjects.filter((subject, at) => subjects.indexOf(subject) !== at);
  t.deepEqual(doubles, []);
});

test("the conformance table has a row for every policy", (t) => {
  const missing = POLICIES.filter(
    (policy) => !rows.some(({ subject }) => subject.startsWith(policy)),
  );
  t.deepEqual(missing, []);
  const values = [...POA_POLICY_TYPES.values()].flatMap((kind) => kind.values);
  const untold = values.filter(
    (value) => !rows.some(({ subject }) => new RegExp(`Policy: ${value}$`).test(subject)),
  );
  t.deepEqual(untold, [], "each value of a policy of POAs");
});

test("a row that names what is not there would be found", (t) => {
  const known: Evidence = {
    sourceOf: (path) =>
      path === "a.test.ts"
        ? 'test("x | y", f);\ntest(`of ${kind}: z`, f); const k = "k1";'
        : undefined,
    checks: ["g/one", "g/two"],
  };
  const row = (cells: string): readonly string[] =>
    rowsOf(`### C\n| subject | state |\n| --- | --- |\n| s | ${cells} |`).flatMap((each) =>
      faultsOf(each, known),
    );
  t.deepEqual(row('yes | `a.test.ts` "x \\| y", "of k1: z"; `g/*` `g/two` |'), []);
  t.deepEqual(row("not yet | | needs work"), []);
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['yes | `a.test.ts` "x" |', /has no test "x"/],
    ['yes | `a.test.ts` "of k2: z" |', /has no test "of k2: z"/],
    ['yes | `b.test.ts` "x" |', /no test\/unit\/b\.test\.ts/],
    ["yes | `a.test.ts` |", /no title/],
    ['yes | "x" |', /behind no file/],
    ["yes | `g/three` |", /checks\.txt has no g\/three/],
    ["yes | by hand |", /not understood/],
    ["yes | |", /no test shows it/],
    ["part | `g/one` |", /does not say what is missing/],
    ["no | |", /does not say what is missing/],
    ["no | `g/one` | why", /shows what is not there/],
    ["perhaps | `g/one` | why", /allowed: yes/],
  ];
  for (const [cells, fault] of wrong) t.regex(row(cells).join("; "), fault, cells);
  t.regex(row("yes | `g/one` | a | b").join(), /state "5 columns"/);
  t.true(hasTest("test.serial(`a ${b}`, f)", "a …"));
});
