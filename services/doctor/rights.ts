import type { Check, Finding } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

/** Bits of `CapEff`; `linux/capability.h`. */
const CAP_IPC_LOCK = 14n;
const CAP_SYS_NICE = 23n;
/** The highest real-time priority. */
const MOST_PRIORITY = 99;
/** A peer with a few lanes stays below this. */
const ENOUGH_OCTETS = 1 << 30;

/** Whether the addon is there. */
export const addon: Check = ({ nativeFault }) => [
  nativeFault === undefined
    ? { code: "addon", level: "well", what: "the native addon is built and loaded" }
    : {
        code: "addon",
        level: "fault",
        what: `no native addon, so lanes are ordinary threads: ${nativeFault}`,
        mend: "npm run build:native (in the installed package: npm rebuild orbweaver)",
      },
];

/** What priorities this user may give to threads. */
export const schedulingRights: Check = (machine) => {
  const code = "scheduling-rights";
  if (holds(machine, CAP_SYS_NICE))
    return [{ code, level: "well", what: "CAP_SYS_NICE: every policy and priority may be set" }];
  const capability = `sudo setcap cap_sys_nice+ep ${machine.node}`;
  const most = limitOf(machine, "Max realtime priority") ?? 0;
  if (most > 0)
    return [
      {
        code,
        level: "note",
        what: `FIFO and RR up to priority ${most} by RLIMIT_RTPRIO; without CAP_SYS_NICE no DEADLINE lanes and no thread of another user`,
        mend: capability,
      },
    ];
  return [
    {
      code,
      level: "fault",
      what: "no right to real-time scheduling (neither CAP_SYS_NICE nor an RLIMIT_RTPRIO): lanes are ordinary threads",
      mend: `${capability}; or for FIFO and RR, in this shell: sudo prlimit --pid $$ --rtprio=${MOST_PRIORITY}`,
    },
  ];
};

/** How much memory may be kept from being swapped. */
export const lockedMemory: Check = (machine) => {
  const code = "locked-memory";
  if (holds(machine, CAP_IPC_LOCK))
    return [{ code, level: "well", what: "CAP_IPC_LOCK: all memory may be locked" }];
  const most = limitOf(machine, "Max locked memory") ?? 0;
  const size = most === Infinity ? "all memory" : `${most} octets`;
  const finding: Finding = {
    code,
    level: most >= ENOUGH_OCTETS ? "well" : "note",
    what: `${size} may be locked (RLIMIT_MEMLOCK)`,
  };
  if (finding.level === "well") return [finding];
  return [
    {
      ...finding,
      what: `${finding.what}, too little for a peer: a lane whose memory was swapped out waits for the disk`,
      mend: "sudo prlimit --pid $$ --memlock=unlimited (in this shell)",
    },
  ];
};

function holds(machine: Machine, bit: bigint): boolean {
  const status = textOf(machine, "/proc/self/status") ?? "";
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n;
}

/** The soft limit of a line of `/proc/self/limits`. */
function limitOf(machine: Machine, name: string): number | undefined {
  const lines = textOf(machine, "/proc/self/limits")?.split("\n") ?? [];
  const line = lines.find((each) => each.startsWith(name));
  const soft = line?.slice(name.length).trim().split(/\s+/)[0];
  if (soft === undefined) return undefined;
  return soft === "unlimited" ? Infinity : Number(soft);
}
