import { fileURLToPath } from "node:url";
import { eventually, TestProcess } from "../support/process.ts";
import type { Call, End, Step } from "./history.ts";
import { omniOrbWriter } from "./omniorb-writer.ts";
import type { Replicas } from "./replicas.ts";

const PROGRAM = fileURLToPath(new URL("./writer.js", import.meta.url));
/** A call that is under way ends within its deadline. */
const END_MS = 30_000;
/** Within which a writer's call is as is wanted. */
const CALL_MS = 60_000;
/** omniORB's `clientCallTimeOutPeriod`: a frozen server holds a call for as long. */
const OMNIORB_CALL_MS = 8_000;

/** A client as a process of its own. */
export class Writer implements AsyncDisposable {
  readonly name: string;
  readonly #process: TestProcess;

  constructor(name: string, command: string, args: readonly string[]) {
    this.name = name;
    this.#process = new TestProcess(command, args);
  }

  /** Those that it has told of. */
  get calls(): readonly Call[] {
    const { output } = this.#process;
    return callsIn(output.slice(0, output.lastIndexOf("\n") + 1), this.name);
  }

  /** The first call from now on that is so. @throws Error when there is none in time */
  async next(what: string, isIt: (call: Call) => boolean): Promise<Call> {
    const beganMs = machineMs();
    let seen = this.#process.output.lastIndexOf("\n") + 1;
    let found: Call | undefined;
    await eventually(
      `${this.name}: ${what}`,
      () => {
        const { output } = this.#process;
        const end = output.lastIndexOf("\n") + 1;
        const calls = callsIn(output.slice(seen, end), this.name);
        seen = end;
        found = calls.find((call) => call.beganMs >= beganMs && isIt(call));
        return found !== undefined;
      },
      CALL_MS,
    );
    if (found === undefined) throw new TypeError("none");
    return found;
  }

  /** Ends it, after the call that is under way. @returns all of its calls */
  async end(): Promise<readonly Call[]> {
    this.#process.endInput();
    const { code } = await this.#process.ended(END_MS);
    if (code !== 0) throw new Error(`${this.name} ended with ${code}: ${this.#process.errors}`);
    return callsIn(this.#process.output, this.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Three writers: our client that knows of groups, our client that does not, an omniORB client where there is one. */
export async function startWriters(replicas: Replicas, seed: number): Promise<readonly Writer[]> {
  const reference = replicas.primary?.reference ?? "";
  const plain = replicas.plainReference;
  const omniOrb = await omniOrbWriter();
  const node = process.execPath;
  const writers = [
    new Writer("group", node, [PROGRAM, reference, "group", String(seed)]),
    new Writer("plain", node, [PROGRAM, plain, "plain", String(seed + 1)]),
  ];
  const options = ["-ORBclientCallTimeOutPeriod", String(OMNIORB_CALL_MS)];
  if (omniOrb !== undefined)
    writers.push(
      new Writer("omniorb", omniOrb, [reference, "omniorb", String(seed + 2), ...options]),
    );
  return writers;
}

function callsIn(text: string, writer: string): readonly Call[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => callOf(line, writer));
}

/** On the clock of the writers. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A line of a writer: see `writer.cc`. */
function callOf(line: string, writer: string): Call {
  const [token = "", began, ended, kind, ...rest] = line.split(" ");
  const isAdd = kind === "add";
  const [first = "", second = "", third] = rest;
  const step: Step = isAdd
    ? { do: "add", account: first, amount: Number(second) }
    : { do: "transfer", from: first, to: second, amount: Number(third) };
  const end = endOf(rest.slice(isAdd ? 2 : 3), line);
  return { token, writer, step, beganMs: Number(began), endedMs: Number(ended), end };
}

function endOf([how, first = "", second]: readonly string[], line: string): End {
  if (how === "done") return { how, place: Number(first), balance: Number(second) };
  if (how === "insufficient") return { how, balance: Number(first) };
  if (how === "not" || how === "maybe") return { how, why: first };
  throw new Error(`not the line of a writer: ${line}`);
}
