import test from "ava";
import {
  ChaosError,
  type ProcessTable,
  type Signal,
  Victim,
} from "../../../services/chaos/index.ts";

interface Known {
  readonly parent?: number;
  readonly started?: string;
  readonly state?: string;
  readonly group?: number;
  readonly command?: string;
  readonly isOthers?: boolean;
}

/** As /proc has it: names may hold anything. */
function tableOf(known: Map<number, Known>): { table: ProcessTable; sent: string[] } {
  const sent: string[] = [];
  const table: ProcessTable = {
    self: 100,
    read: (pid, file) => {
      const found = known.get(pid);
      if (found === undefined) return undefined;
      const { parent = 1, started = "5000", state = "S", group = pid, command = "a" } = found;
      if (file === "status") return `Name:\ta\nTgid:\t${group}\n`;
      if (file === "cmdline") return command;
      return `${pid} (a ) b (c) ${state} ${parent} ${"0 ".repeat(17)}${started} 0 0`;
    },
    kill: (pid: number, signal: Signal) => {
      if (known.get(pid)?.isOthers === true)
        throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
      if (signal !== 0) sent.push(`${signal} ${pid}`);
    },
  };
  return { table, sent };
}

const WORLD: readonly (readonly [number, Known])[] = [
  [1, {}],
  [90, { parent: 1 }],
  [99, { parent: 90 }],
  [100, { parent: 99 }],
  [200, {}],
  [201, { group: 200 }],
  [202, { command: "" }],
  [203, { isOthers: true }],
  [204, { state: "Z" }],
];

test("what must not be harmed is refused, and why", (t) => {
  const { table, sent } = tableOf(new Map(WORLD));
  const refusals: readonly (readonly [string, RegExp])[] = [
    ["x", /"x" is no process: PID or PID@START is needed/],
    ["-1", /"-1" is no process/],
    ["0", /"0" is no process/],
    ["1", /process 1 is the system's first/],
    ["100", /process 100 is this command, or one that started it/],
    ["99", /one that started it/],
    ["90", /one that started it/],
    ["201", /201 is a thread of process 200/],
    ["202", /process 202 is a thread of the kernel/],
    ["203", /process 203 cannot be sent a signal: it is another user's \(EPERM\)/],
    ["204", /there is no process 204/],
    ["205", /there is no process 205/],
    ["200@4999", /process 200 is another one: it was started at 5000, not at 4999/],
  ];
  for (const [text, message] of refusals)
    t.throws(() => Victim.find(text, table), { instanceOf: ChaosError, message }, text);
  t.deepEqual(sent, []);
});

test("a number that was given to another process since is not harmed", (t) => {
  const known = new Map(WORLD);
  const { table, sent } = tableOf(known);
  const victim = Victim.find("200", table);
  t.is(String(victim), "200@5000");
  victim.signal("SIGSTOP");
  known.set(200, { started: "6000" });
  t.false(victim.isAlive);
  t.throws(() => victim.signal("SIGCONT"), { message: "process 200 has ended" });
  t.deepEqual(sent, ["SIGSTOP 200"]);
});
