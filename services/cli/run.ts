import { readFile } from "node:fs/promises";

import { type Command, type Surroundings, UsageError } from "../command/index.ts";
import { callCommand } from "./call-command.ts";
import { chaosCommand } from "./chaos/chaos-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { managerCommand } from "./flare/manager-command.ts";
import { monitorCommand } from "./flare/monitor-command.ts";
import { ifrCommand } from "./ifr-command.ts";
import { iorCommand } from "./ior-command.ts";
import { loadCommand } from "./load-command.ts";
import { namingCommand } from "./naming-command.ts";
import { nsCommand } from "./ns/command.ts";
import { groupCommand } from "./peer/group-command.ts";
import { peerCommand } from "./peer/peer-command.ts";
import { serviceCommand } from "./peer/service-command.ts";
import { qosdCommand } from "./qosd-command.ts";

const COMMANDS: readonly Command[] = [
  iorCommand,
  callCommand,
  nsCommand,
  namingCommand,
  ifrCommand,
  doctorCommand,
  loadCommand,
  qosdCommand,
  peerCommand,
  serviceCommand,
  monitorCommand,
  managerCommand,
  groupCommand,
  chaosCommand,
];

function help(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    "Usage: orbweaver COMMAND [OPTION]...",
    "",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "orbweaver COMMAND --help tells more of a command; orbweaver --version tells the version.",
  ].join("\n");
}

async function version(): Promise<string> {
  // Seen from dist/services/cli, where this runs.
  const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  const { name, version: number } = JSON.parse(text) as { name: string; version: string };
  return `${name} ${number}`;
}

function find(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const allowed = COMMANDS.map((known) => known.name).join(", ");
  throw new UsageError(`there is no command "${name}"; allowed: ${allowed}, --help, --version`);
}

/** Exit codes; the last one is what a shell says of a program that SIGINT ended. */
const DONE = 0;
const FAILED = 1;
const WRONG_USE = 2;
/** What `run` returns for a command that was told to stop before it was done. */
export const INTERRUPTED = 130;

/**
 * Runs one command line of `orbweaver`.
 * @param args what stands after the program's name
 * @returns the exit code: 0 done, 1 failed, 2 called in a wrong way, 130 told to stop before it was done
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, complain, stop } = surroundings;
  let place = "orbweaver";
  const [first, ...rest] = args;
  try {
    if (first === undefined || first === "--help" || first === "-h") {
      print(help());
      return first === undefined ? WRONG_USE : DONE;
    }
    if (first === "--version") {
      print(await version());
      return DONE;
    }
    const command = find(first);
    place = `orbweaver ${command.name}`;
    // Behind -- stand arguments of others: of a program that is started, or of an operation.
    const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
    if (own.includes("--help") || own.includes("-h")) {
      const { help: text } = command;
      print((typeof text === "string" ? text : await text()).trimEnd());
      return DONE;
    }
    return await command.run(rest, surroundings);
  } catch (thrown) {
    // What fails when a command is told to stop is of no interest.
    if (stop.aborted && !(thrown instanceof UsageError)) return INTERRUPTED;
    complain(`orbweaver: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    if (!(thrown instanceof UsageError)) return FAILED;
    complain(`${place} --help tells what is allowed.`);
    return WRONG_USE;
  }
}
