import test from "ava";
import {
  type Check,
  helpText,
  integer,
  listOf,
  markdownText,
  nearest,
  oneOf,
  type Options,
  type Section,
  table,
  checksOf,
  tableOf,
  text,
} from "../../../services/settings/index.ts";

interface Sample {
  readonly port: number;
  readonly mode?: "fast" | "slow";
  readonly hosts: readonly string[];
}

const SAMPLE: Options<Sample> = {
  port: { check: integer(0, 65_535), standard: 2_809, means: "where to listen" },
  mode: { check: oneOf(["fast", "slow"]), otherwise: "the system's", means: "how" },
  hosts: {
    check: listOf(text("host name", /^[a-z]+$/, "metro")),
    unit: "hosts",
    standard: [],
    means: "who may a|b",
  },
};
const SECTIONS: readonly Section[] = [{ header: "[sample]", means: "A sample.", options: SAMPLE }];

function faultOf<T>(check: Check<T>, value: unknown): string {
  try {
    check(value, (what, at) => {
      throw new RangeError(`${at ?? ""}: ${what}`);
    });
  } catch (thrown) {
    return thrown instanceof RangeError ? thrown.message : String(thrown);
  }
  return "";
}

test("the word that was meant is found, and none where nothing is near", (t) => {
  const allowed = ["heartbeatMs", "listen", "seeds", "kind"];
  t.is(nearest("heartbeat", allowed), "heartbeatMs");
  t.is(nearest("heartbaetMs", allowed), "heartbeatMs");
  t.is(nearest("heart-beat-ms", allowed), "heartbeatMs");
  t.is(nearest("lsiten", allowed), "listen");
  t.is(nearest("seed", allowed), "seeds");
  t.is(nearest("voters", allowed), undefined);
  t.is(nearest("x", allowed), undefined);
});

test("a table is read with what holds where it says nothing", (t) => {
  const fail = (what: string): never => {
    throw new RangeError(what);
  };
  t.deepEqual(tableOf(SAMPLE)({ mode: "slow" }, fail), { port: 2_809, hosts: [], mode: "slow" });
  t.deepEqual(table(checksOf(SAMPLE))({ mode: "slow" }, fail), { mode: "slow" });
});

test("what is wrong is said with what is allowed", (t) => {
  const check = table(checksOf(SAMPLE));
  t.is(
    faultOf(check, { prot: 1 }),
    'prot: there is no key "prot" here; did you mean "port"? allowed: hosts, mode, port',
  );
  t.is(faultOf(check, { port: 70_000 }), "port: an integer from 0 to 65535 is needed, not 70000");
  t.is(faultOf(check, { mode: "quick" }), 'mode: one of fast, slow is needed, not "quick"');
  t.is(
    faultOf(check, { hosts: ["7"] }),
    'hosts: a text like "metro" is needed (host name), not "7"',
  );
});

test("help and documentation say type, unit and default of each key", (t) => {
  t.is(
    helpText(SECTIONS),
    [
      "  [sample]  A sample.",
      "    port",
      "        where to listen (integer, 0 to 65535; default 2809)",
      "    mode",
      `        how ("fast", "slow"; default the system's)`,
      "    hosts",
      "        who may a|b (array of: host name; hosts; default [])",
    ].join("\n"),
  );
  t.is(
    markdownText(SECTIONS).split("\n").at(-1),
    "| `hosts` | array of: host name | hosts | `[]` | who may a\\|b |",
  );
});
