import { fileURLToPath } from "node:url";
import test from "ava";
import type { Finding } from "../../../services/doctor/index.ts";
import { runToEnd } from "../../support/process.ts";
import { ran } from "../../support/ran.ts";
import { commandOf } from "../native/child.ts";

const MAIN: string = fileURLToPath(new URL("../../../services/cli/main.js", import.meta.url));

interface Told {
  readonly code: number | null;
  readonly findings: readonly Finding[];
}

async function doctor(env: Readonly<Record<string, string>> = {}): Promise<Told> {
  const args = [process.execPath, MAIN, "doctor", "rt", "--json"];
  const [command, ...rest] = commandOf("ordinary", args);
  const { code, output } = await runToEnd(command, rest, { env });
  return { code, ...(JSON.parse(output) as { findings: readonly Finding[] }) };
}

test("an ordinary user is told what is missing, as JSON, and the exit code says so", async (t) => {
  const { code, findings } = await doctor();
  const rights = findings.find((finding) => finding.code === "scheduling-rights");
  t.is(rights?.level, "fault");
  t.regex(
    rights?.mend ?? "",
    /^sudo setcap cap_sys_nice\+ep \/.*; or .* sudo prlimit --pid \$\$ --rtprio=99$/,
  );
  t.is(findings.find((finding) => finding.code === "addon")?.level, "well");
  t.is(code, 1);
});

test("without the addon it says why", async (t) => {
  const { code, findings } = await doctor({ ORBWEAVER_NATIVE: "off" });
  const addon = findings.find((finding) => finding.code === "addon");
  t.is(addon?.level, "fault");
  t.regex(addon?.what ?? "", /switched off by ORBWEAVER_NATIVE=off$/);
  t.is(code, 1);
});

test("the findings of this machine are lines for people, and its faults the exit code", async (t) => {
  const { code, out, err } = await ran(["doctor", "rt"]);
  t.deepEqual(err, []);
  t.is(code, out.some((line) => line.startsWith("fault")) ? 1 : 0);
  t.true(out.some((line) => line.startsWith("well   addon: ")));
  for (const line of out)
    t.regex(line, /^(?:(?:well {3}|note {3}|fault {2})[a-z-]+: .+| {7}mend: .+)$/);
});

test("a subject that there is none of is refused", async (t) => {
  for (const args of [["doctor"], ["doctor", "who"], ["doctor", "rt", "now"]]) {
    const { code, err } = await ran(args);
    t.is(code, 2);
    t.regex(err[0] ?? "", /is no subject; there is: rt/);
  }
});
