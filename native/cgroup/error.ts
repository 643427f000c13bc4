import { codeOf } from "./files.ts";

/** What was tried. */
export type GroupAction = "read" | "write" | "make" | "remove" | "find";

/** The kernel refused a change of a control group; the message says which file, what was written and what it allows. */
export class ControlGroupError extends Error {
  override readonly name: string = "ControlGroupError";
  /** `EBUSY`, `EINVAL`, …; `ENOTSUP`: this machine has no such controller. */
  readonly code: string;
  readonly file: string;
  readonly action: GroupAction;
  /** What was written. */
  readonly value: string | undefined;

  constructor(
    { code, file, action, value }: Pick<ControlGroupError, "code" | "file" | "action" | "value">,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.file = file;
    this.action = action;
    this.value = value;
  }
}

/** Reasons by what the file's name ends with and the kernel's code: seen on Linux 6.18 (v1), from its documentation (v2). */
const REASONS: readonly (readonly [ending: RegExp, code: string, reason: string])[] = [
  [
    /cpu\.rt_(runtime|period)_us$/,
    "EINVAL",
    "the budgets of the groups beneath one group may not exceed its own, as shares of their periods, nor may a group's fall below the sum of those beneath it; the root's is kernel.sched_rt_runtime_us of kernel.sched_rt_period_us",
  ],
  [
    /cpu\.rt_runtime_us$/,
    "EBUSY",
    "threads with FIFO or RR are in the group: it needs a budget above 0 while they are",
  ],
  [
    /cpu\.cfs_(quota|period)_us$/,
    "EINVAL",
    "quota and period are 1000 µs at least, the period 1 s at most, and the quota's share within the parent's",
  ],
  [
    /cpuset\.(cpus|mems)$/,
    "ERANGE",
    "the list names a core or memory node that the machine cannot have",
  ],
  [/cpuset\.(cpus|mems)$/, "EACCES", "the group above does not have these cores or memory nodes"],
  [
    /cpuset\.(cpus|mems)$/,
    "EBUSY",
    "a group beneath, or a thread with DEADLINE, needs cores that would be taken away",
  ],
  [
    /cpuset\.(cpus|mems)$/,
    "EINVAL",
    "a group beside this one has some of these cores for itself (cpu_exclusive)",
  ],
  [
    /cpuset\.(cpus|mems)$/,
    "ENOSPC",
    "threads are in the group: it needs at least one core and one memory node while they are",
  ],
  [/cpuset\.cpu_exclusive$/, "EACCES", "the group above is not exclusive itself"],
  [/cpuset\.cpu_exclusive$/, "EINVAL", "a group beside this one has some of the same cores"],
  [
    /memory\.(limit_in_bytes|max)$/,
    "EBUSY",
    "the memory in use could not be brought below the limit",
  ],
  [
    /blkio(\.bfq)?\.weight$|io\.(bfq\.)?weight$/,
    "ERANGE",
    "the weight is outside what the scheduler of the disks takes",
  ],
  [
    /(tasks|cgroup\.(procs|threads))$/,
    "ENOSPC",
    "the group has no cores or no memory nodes yet: cpuset.cpus and cpuset.mems come first",
  ],
  [
    /(tasks|cgroup\.(procs|threads))$/,
    "EINVAL",
    "a thread with FIFO or RR needs a group with a real-time budget (cpu.rt_runtime_us above 0), and threads of the kernel stay where they are",
  ],
  [
    /(tasks|cgroup\.(procs|threads))$/,
    "EBUSY",
    "the group's children have controllers that only whole processes can be under, or the DEADLINE bandwidth of its cores is used up",
  ],
  [/(tasks|cgroup\.(procs|threads))$/, "ESRCH", "there is no such thread any more"],
  [
    /cgroup\.threads$/,
    "EOPNOTSUPP",
    "the group is not threaded, or the thread's process lives under another threaded domain: move the process first (cgroup.procs)",
  ],
  [/cgroup\.procs$/, "EOPNOTSUPP", "the group is threaded: single threads go to cgroup.threads"],
  [
    /cgroup\.type$/,
    "EOPNOTSUPP",
    "the group above has controllers on that only whole processes can be under (memory, io)",
  ],
  [
    /cgroup\.subtree_control$/,
    "ENOENT",
    "the controller is not here: it is bound to version 1, or the group above does not hand it on",
  ],
  [
    /cgroup\.subtree_control$/,
    "EBUSY",
    "processes are in the group itself: they move to a group beneath it first",
  ],
  [
    /cgroup\.subtree_control$/,
    "EINVAL",
    "the cpu controller of version 2 is not for a kernel with RT_GROUP_SCHED while FIFO or RR threads are outside its root group",
  ],
];

const COMMON: Readonly<Record<string, string>> = {
  EPERM:
    "the kernel does not allow it to this user: root's, or a group that was delegated to the user (systemd: Delegate=yes)",
  EACCES:
    "the file belongs to another user: root's, or a group that was delegated to the user (systemd: Delegate=yes)",
  EROFS: "the control groups are mounted read-only, as in most containers",
  ENOENT: "there is no such group or control file",
  EEXIST: "there is a group of that name",
  EBUSY: "threads or groups are in it",
};

const VERBS: Readonly<Record<GroupAction, string>> = {
  read: "cannot be read",
  write: "was refused",
  make: "cannot be made",
  remove: "cannot be removed",
  find: "cannot be found",
};

function reasonOf(action: GroupAction, file: string, code: string): string | undefined {
  if (action === "write")
    for (const [ending, when, reason] of REASONS)
      if (when === code && ending.test(file)) return reason;
  return COMMON[code];
}

/** Converts what a call of `GroupFiles` threw. */
export function groupError(
  action: GroupAction,
  file: string,
  value: string | undefined,
  thrown: unknown,
): ControlGroupError {
  const code = codeOf(thrown) || "EIO";
  const subject = value === undefined ? file : `"${value}" to ${file}`;
  const reason = reasonOf(action, file, code);
  return new ControlGroupError(
    { code, file, action, value },
    `${subject} ${VERBS[action]} (${code})${reason === undefined ? "" : `: ${reason}`}`,
    { cause: thrown },
  );
}
