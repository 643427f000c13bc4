import { run } from "../../services/cli/index.ts";

/** What one command line did. */
export interface Ran {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Runs a command line of `orbweaver` in this process. */
export async function ran(
  args: readonly string[],
  stop: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(args, {
    print: (line) => void out.push(line),
    complain: (line) => void err.push(line),
    stop,
  });
  return { code, out, err };
}
