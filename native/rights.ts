import { readFileSync, realpathSync } from "node:fs";

/** Bits of the kernel's capability sets, `linux/capability.h`. */
export const CAPABILITY = { CAP_NET_ADMIN: 12, CAP_IPC_LOCK: 14, CAP_SYS_NICE: 23 } as const;
export type Capability = keyof typeof CAPABILITY;

/** Whether the calling thread holds the capability; false where `/proc` does not tell. */
export function holds(capability: Capability): boolean {
  try {
    const status = readFileSync("/proc/thread-self/status", "utf8");
    const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
    return (effective & (1n << BigInt(CAPABILITY[capability]))) !== 0n;
  } catch {
    return false;
  }
}

/** The command that gives this node a capability for good, from its next start on. */
export function grant(capability: Capability): string {
  return `sudo setcap ${capability.toLowerCase()}+ep ${realpathSync(process.execPath)}`;
}

/** The command that raises a limit of this process while it runs; `limit` as prlimit(1) names it. */
export function raise(limit: "rtprio" | "nice" | "memlock", value: number | "unlimited"): string {
  return `sudo prlimit --pid ${process.pid} --${limit}=${value}`;
}

/** The group of the thread in the control group hierarchy of `cpu`, `/` when it is the root; undefined: unknown. */
export function cpuGroup(threadId: number): string | undefined {
  try {
    const lines = readFileSync(`/proc/self/task/${threadId}/cgroup`, "utf8").split("\n");
    const line = lines.find((each) => each.split(":")[1]?.split(",").includes("cpu"));
    return line?.split(":").slice(2).join(":");
  } catch {
    return undefined;
  }
}
