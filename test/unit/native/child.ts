import { fileURLToPath } from "node:url";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { runToEnd } from "../../support/process.ts";

/** Who runs a scenario: as the tests are run, an ordinary user, or one with this capability and no other. */
export type Who =
  | "same"
  | "ordinary"
  | { readonly capability: "sys_nice" | "ipc_lock" | "net_admin" };

/** What a scenario returned, or the NativeError that it threw. */
export type Told =
  | { readonly value: unknown; readonly error?: never }
  | { readonly value?: never; readonly error: ToldError };

export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly missing?: string;
}

/** The user that owns nothing, on Linux. */
const NOBODY = "65534";

/** Bits of the kernel's sets, linux/capability.h; and what acting as another user takes. */
const BITS = { setuid: 7, sys_nice: 23, ipc_lock: 14, net_admin: 12 } as const;

/** Whether the tests run as root with its rights: root of a container may lack some. */
export function mayGrant(...capabilities: readonly (keyof typeof BITS)[]): boolean {
  if (userInfo().uid !== 0) return false;
  const status = readFileSync("/proc/self/status", "utf8");
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return ["setuid" as const, ...capabilities].every(
    (each) => ((bounding >> BigInt(BITS[each])) & 1n) === 1n,
  );
}

/** The command that runs `args` as `who`, without real-time limits of its own. */
export function commandOf(who: Who, args: readonly string[]): readonly [string, ...string[]] {
  const [program = "", ...rest] = args;
  if (who === "same") return [program, ...rest];
  const without = ["prlimit", "--rtprio=0", "--nice=0", "--memlock=65536"] as const;
  if (!mayGrant()) {
    if (who !== "ordinary") throw new Error(`only root can grant ${who.capability}`);
    return [...without, program, ...rest];
  }
  const granted =
    who === "ordinary"
      ? []
      : [`--inh-caps=+${who.capability}`, `--ambient-caps=+${who.capability}`];
  const ordinary = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return [...without, ...ordinary, ...granted, program, ...rest];
}

/**
 * Runs a scenario of `scenarios.ts` in a process of its own, since what it changes would stay.
 * @throws Error when the process fails otherwise than by a NativeError
 */
export async function inChild(name: string, given: unknown, who: Who = "same"): Promise<Told> {
  const program = fileURLToPath(new URL("scenarios.js", import.meta.url));
  const [command, ...args] = commandOf(who, [
    process.execPath,
    program,
    name,
    JSON.stringify(given),
  ]);
  const { code, signal, output, errors } = await runToEnd(command, args);
  if (code !== 0) throw new Error(`${name} ended with ${code ?? signal}\n${output}\n${errors}`);
  return JSON.parse(output) as Told;
}
