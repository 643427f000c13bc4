import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Runs the blocks of a guide as a reader would: ```LANG file=NAME makes a file, ```console run is typed. */

interface Block {
  readonly info: string;
  readonly text: string;
}

interface Step {
  readonly command: string;
  readonly isBackground: boolean;
  /** Lines it must print; `…` stands for anything. */
  readonly expected: readonly string[];
}

const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));
const STEP_TIMEOUT_MS = 60_000;

export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    info: match[1] ?? "",
    text: match[2] ?? "",
  }));
}

export function stepsOf(text: string): Step[] {
  const steps: { command: string; isBackground: boolean; expected: string[] }[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("$ ")) {
      const isBackground = line.endsWith(" &");
      const command = line.slice(2, isBackground ? -2 : undefined);
      steps.push({ command, isBackground, expected: [] });
    } else if (line !== "") {
      steps.at(-1)?.expected.push(line);
    }
  }
  return steps;
}

/** Whether a printed line is the expected one. */
export function fits(expected: string, line: string): boolean {
  const pattern = expected.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`).test(line);
}

function argumentsOf(command: string): readonly [string, readonly string[]] {
  const [program = "", ...rest] = command.split(" ");
  if (program === "node") return [process.execPath, rest];
  const [name = "", ...args] = program === "npx" ? rest : [program, ...rest];
  switch (name) {
    case "idlc":
      return [process.execPath, [join(ROOT, "dist/idlc/cli/main.js"), ...args]];
    case "orbweaver":
      return [process.execPath, [join(ROOT, "dist/services/cli/main.js"), ...args]];
    case "tsc":
      return [process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...args]];
    default:
      throw new TypeError(
        `a guide may run node, npx idlc, npx orbweaver and npx tsc, not ${command}`,
      );
  }
}

function runToEnd(step: Step, folder: string): string | undefined {
  const [program, args] = argumentsOf(step.command);
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: STEP_TIMEOUT_MS,
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  const isRight =
    status === 0 &&
    lines.length === step.expected.length &&
    step.expected.every((expected, i) => fits(expected, lines[i] ?? ""));
  if (isRight) return undefined;
  return `${step.command} ended with ${status ?? String(error)} and printed\n${stdout}${stderr}`;
}

async function runInBackground(
  step: Step,
  folder: string,
  running: (() => void)[],
): Promise<string | undefined> {
  const [program, args] = argumentsOf(step.command);
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  running.push(() => child.kill("SIGKILL"));
  const limit = setTimeout(() => child.kill("SIGKILL"), STEP_TIMEOUT_MS);
  let seen = 0;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (!fits(step.expected[seen] ?? "", line)) return `${step.command} printed ${line}`;
      if (++seen === step.expected.length) return undefined;
    }
    return `${step.command} ended after ${seen} of ${step.expected.length} lines`;
  } finally {
    clearTimeout(limit);
  }
}

/** @returns what went wrong, undefined when the guide is right */
export async function runGuide(file: string): Promise<string | undefined> {
  const name = file.replace(/^.*\//, "").replace(/\.md$/, "");
  const folder = join(ROOT, "build/docs", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const blocks = blocksOf(readFileSync(file, "utf8"));
  for (const { info, text } of blocks) {
    const target = / file=(\S+)/.exec(info)?.[1];
    if (target === undefined) continue;
    mkdirSync(dirname(join(folder, target)), { recursive: true });
    writeFileSync(join(folder, target), text);
  }
  const running: (() => void)[] = [];
  try {
    for (const block of blocks) {
      if (block.info !== "console run") continue;
      for (const step of stepsOf(block.text)) {
        const fault = step.isBackground
          ? await runInBackground(step, folder, running)
          : runToEnd(step, folder);
        if (fault !== undefined) return fault;
      }
    }
    return undefined;
  } finally {
    for (const stop of running) stop();
  }
}
