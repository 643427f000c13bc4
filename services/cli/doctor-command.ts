import { examineRealtime, type Finding, thisMachine } from "../doctor/index.ts";
import { type Command, readArguments, UsageError } from "../command/index.ts";

const HELP = `Usage: orbweaver doctor rt [--json]

Looks at what real-time lanes need of this machine and this user, and says what is missing and the command that
mends it: the native addon, rights to schedule and to lock memory, the kernel's throttling of real-time threads,
control groups and who may make them, cores, their clock, their sleep, interrupts, timers. Nothing is changed.

Each finding is "well", a "note" (lanes work, but not as well as they could) or a "fault" (they do not work as
real-time lanes). The exit code is 1 where there is a fault, else 0.

  --json               one JSON object: { "findings": [{ "code", "level", "what", "mend" }] }
  --help               this text
`;

/** Columns of the levels, `fault` being the longest. */
const WIDTH = 7;

function lines({ code, level, what, mend }: Finding): readonly string[] {
  return [
    `${level.padEnd(WIDTH)}${code}: ${what}`,
    ...(mend === undefined ? [] : [`${" ".repeat(WIDTH)}mend: ${mend}`]),
  ];
}

/** `orbweaver doctor`: what is wrong with this machine. */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "says what this machine lacks for real-time lanes, and how to mend it",
  help: HELP,
  run: (args, { print }) => {
    const { flags, words } = readArguments("doctor", args, { json: { type: "boolean" } });
    if (words.length !== 1 || words[0] !== "rt")
      throw new UsageError(`doctor: "${words.join(" ")}" is no subject; there is: rt`);
    const findings = examineRealtime(thisMachine());
    if (flags.has("json")) print(JSON.stringify({ findings }, undefined, 2));
    else for (const line of findings.flatMap(lines)) print(line);
    return Promise.resolve(findings.some(({ level }) => level === "fault") ? 1 : 0);
  },
};
