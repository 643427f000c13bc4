import test from "ava";
import { examineRealtime } from "../../../services/doctor/index.ts";
import type { Finding, Machine } from "../../../services/doctor/index.ts";
import { idleState, imagined, limits, VERSION_1, version2 } from "./imagined.ts";

const ORDINARY = "CapEff:\t0000000000000000";
const CPU = "/sys/devices/system/cpu";

function findingsOf(code: string, machine: Machine): readonly Finding[] {
  return examineRealtime(machine).filter((finding) => finding.code === code);
}

test("a machine where nothing is missing", (t) => {
  const findings = examineRealtime(imagined());
  t.deepEqual(
    findings.filter(({ level }) => level !== "well"),
    [],
  );
  t.deepEqual(
    findings.map(({ code }) => code),
    [
      "addon",
      "scheduling-rights",
      "rt-throttling",
      "rt-groups",
      "control-groups",
      "delegation",
      "cores",
      "governor",
      "idle-states",
      "preemption",
      "timer-slack",
      "locked-memory",
    ],
  );
  t.true(findings.every(({ mend }) => mend === undefined));
});

test("a machine that tells nothing is no error", (t) => {
  const blind: Machine = {
    ...imagined(),
    files: {
      ...imagined().files,
      read: (path) => {
        throw Object.assign(new Error(path), { code: "EACCES" });
      },
      exists: () => false,
    },
  };
  t.deepEqual(
    examineRealtime(blind).flatMap(({ code, level }) =>
      level === "well" ? [] : [`${level} ${code}`],
    ),
    [
      "fault scheduling-rights",
      "note rt-throttling",
      "note control-groups",
      "note idle-states",
      "note preemption",
      "note locked-memory",
    ],
  );
});

const INTERRUPTS = [
  "            CPU0       CPU1",
  " 24:          2          0   IO-APIC   9-edge      ACPI:Ged",
  " 26:          0          0   IO-APIC   4-edge      ttyS0",
  " 36:          0    3429356 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0",
  " 41:       1200          7 PCI-MSIX-0000:00:04.0   1-edge      virtio3-rx",
  "LOC:    8912321    8712345   Local timer interrupts",
].join("\n");

/** A machine that differs in one thing, and what is to be found then. */
const SEEN: readonly (readonly [title: string, machine: Machine, finding: Finding])[] = [
  [
    "no addon",
    imagined({}, { nativeFault: "switched off by ORBWEAVER_NATIVE=off" }),
    {
      code: "addon",
      level: "fault",
      what: "no native addon, so lanes are ordinary threads: switched off by ORBWEAVER_NATIVE=off",
      mend: "npm run build:native (in the installed package: npm rebuild orbweaver)",
    },
  ],
  [
    "no right to schedule",
    imagined({ "/proc/self/status": ORDINARY }),
    {
      code: "scheduling-rights",
      level: "fault",
      what: "no right to real-time scheduling (neither CAP_SYS_NICE nor an RLIMIT_RTPRIO): lanes are ordinary threads",
      mend: "sudo setcap cap_sys_nice+ep /usr/bin/node; or for FIFO and RR, in this shell: sudo prlimit --pid $$ --rtprio=99",
    },
  ],
  [
    "a limit of real-time priority",
    imagined({ "/proc/self/status": ORDINARY, "/proc/self/limits": limits("60", "8388608") }),
    {
      code: "scheduling-rights",
      level: "note",
      what: "FIFO and RR up to priority 60 by RLIMIT_RTPRIO; without CAP_SYS_NICE no DEADLINE lanes and no thread of another user",
      mend: "sudo setcap cap_sys_nice+ep /usr/bin/node",
    },
  ],
  [
    "the capability alone",
    imagined({ "/proc/self/status": "CapEff:\t0000000000800000" }),
    {
      code: "scheduling-rights",
      level: "well",
      what: "CAP_SYS_NICE: every policy and priority may be set",
    },
  ],
  [
    "little memory to lock",
    imagined({ "/proc/self/status": "CapEff:\t0000000000800000" }),
    {
      code: "locked-memory",
      level: "note",
      what: "8388608 octets may be locked (RLIMIT_MEMLOCK), too little for a peer: a lane whose memory was swapped out waits for the disk",
      mend: "sudo prlimit --pid $$ --memlock=unlimited (in this shell)",
    },
  ],
  [
    "all memory to lock",
    imagined({ "/proc/self/status": ORDINARY, "/proc/self/limits": limits("0", "unlimited") }),
    { code: "locked-memory", level: "well", what: "all memory may be locked (RLIMIT_MEMLOCK)" },
  ],
  [
    "no real-time at all",
    imagined({ "/proc/sys/kernel/sched_rt_runtime_us": "0" }),
    {
      code: "rt-throttling",
      level: "fault",
      what: "real-time threads get no time at all (kernel.sched_rt_runtime_us is 0)",
      mend: "sudo sysctl -w kernel.sched_rt_runtime_us=950000",
    },
  ],
  [
    "no throttling",
    imagined({ "/proc/sys/kernel/sched_rt_runtime_us": "-1" }),
    {
      code: "rt-throttling",
      level: "note",
      what: "real-time threads are never stopped: one that runs away takes its core for good",
      mend: "sudo sysctl -w kernel.sched_rt_runtime_us=950000",
    },
  ],
  [
    "throttling at 80 %",
    imagined({ "/proc/sys/kernel/sched_rt_runtime_us": "800000" }),
    {
      code: "rt-throttling",
      level: "well",
      what: "FIFO and RR threads of a core are stopped, the highest too, when together they take more than 80 % of 1000 ms: keep lanes and loads below that, or use DEADLINE lanes, which do not count",
    },
  ],
  [
    "groups with real-time budgets",
    imagined(VERSION_1),
    {
      code: "rt-groups",
      level: "note",
      what: "real-time threads need a budget of their control group (RT_GROUP_SCHED); that of / is 950000 µs, new groups have none until they are given one",
    },
  ],
  [
    "a group without a real-time budget",
    imagined({
      ...VERSION_1,
      "/proc/self/cgroup": "2:cpu:/user/1\n3:cpuset:/\n4:memory:/",
      "/sys/fs/cgroup/cpu/user/1/cpu.rt_runtime_us": "0",
    }),
    {
      code: "rt-groups",
      level: "fault",
      what: "the control group of this shell, /user/1, has no real-time budget (RT_GROUP_SCHED): FIFO and RR are refused in it",
      mend: "echo $$ | sudo tee /sys/fs/cgroup/cpu/tasks (moves this shell); or a budget, in each group above it first: echo 100000 | sudo tee /sys/fs/cgroup/cpu/user/1/cpu.rt_runtime_us",
    },
  ],
  [
    "controllers of version 1",
    imagined(VERSION_1),
    {
      code: "control-groups",
      level: "well",
      what: "controllers: cpu (version 1), cpuset (version 1), memory (version 1)",
    },
  ],
  [
    "version 2 without cpuset",
    imagined(version2("cpu memory", "/")),
    {
      code: "control-groups",
      level: "note",
      what: "cpuset not to be had (there is cpu (version 2), memory (version 2)): lanes run without reservation",
      mend: "the group above must hand the controllers on: +cpu +cpuset into its cgroup.subtree_control",
    },
  ],
  [
    "no control groups",
    imagined({ "/proc/self/mountinfo": "25 1 8:1 / / rw - ext4 /dev/root rw" }),
    {
      code: "control-groups",
      level: "note",
      what: "no control groups are mounted: nothing can be reserved",
      mend: "sudo mount -t cgroup2 none /sys/fs/cgroup",
    },
  ],
  [
    "a delegated group",
    imagined(version2("cpuset cpu", "/user.slice/a.scope"), {
      mayWrite: (path) => path === "/sys/fs/cgroup/user.slice/a.scope",
    }),
    {
      code: "delegation",
      level: "well",
      what: "groups of cpu and cpuset may be made in /sys/fs/cgroup/user.slice/a.scope",
    },
  ],
  [
    "version 2 not delegated",
    imagined(version2("cpuset cpu", "/user.slice"), { mayWrite: () => false }),
    {
      code: "delegation",
      level: "note",
      what: "this user may make no groups of cpu and cpuset in /sys/fs/cgroup: lanes run without reservation unless the QoS daemon runs as root",
      mend: "sudo orbweaver qosd; or systemd-run --user --scope -p Delegate=yes COMMAND, where Delegate=cpu cpuset stands in user@.service",
    },
  ],
  [
    "one core",
    imagined({}, { cores: [2] }),
    {
      code: "cores",
      level: "note",
      what: "1 of 4 cores may be used: none can be reserved for lanes, which then share it with everything else",
      mend: "taskset or the cpuset of the control group gives more, if the machine has them; a DEADLINE lane is the next best",
    },
  ],
  [
    "cores set aside",
    imagined({ [`${CPU}/isolated`]: "2-3" }),
    {
      code: "cores",
      level: "well",
      what: "4 of 4 cores may be used, 0-3; 2-3 set aside at boot (isolcpus)",
    },
  ],
  [
    "hyper-threads",
    imagined({
      [`${CPU}/smt/active`]: "1",
      [`${CPU}/cpu0/topology/thread_siblings_list`]: "0,2",
      [`${CPU}/cpu1/topology/thread_siblings_list`]: "1,3",
      [`${CPU}/cpu2/topology/thread_siblings_list`]: "0,2",
      [`${CPU}/cpu3/topology/thread_siblings_list`]: "1,3",
    }),
    {
      code: "hyper-threads",
      level: "note",
      what: "cores share their arithmetic in twos (0,2 and 1,3): a lane is slowed down by what runs on the sibling of its core",
      mend: "reserve both siblings, or: echo off | sudo tee /sys/devices/system/cpu/smt/control",
    },
  ],
  [
    "a saving governor",
    imagined({
      [`${CPU}/cpu1/cpufreq/scaling_governor`]: "powersave",
      [`${CPU}/cpu2/cpufreq/scaling_governor`]: "powersave",
    }),
    {
      code: "governor",
      level: "note",
      what: "cores slow down when they have little to do (powersave on 1-2): the first requests after a pause take longer",
      mend: "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
    },
  ],
  [
    "no governor",
    imagined(
      Object.fromEntries(
        [0, 1, 2, 3].map((core) => [`${CPU}/cpu${core}/cpufreq/scaling_governor`, undefined]),
      ),
    ),
    {
      code: "governor",
      level: "well",
      what: "the clock of the cores is not set here (a virtual machine?)",
    },
  ],
  [
    "cores that sleep",
    imagined({ [`${CPU}/cpu3/power/pm_qos_resume_latency_us`]: "0", ...idleState(2, "C6", 133) }),
    {
      code: "idle-states",
      level: "note",
      what: "without work core 3 may sleep (intel_idle; to wake up: POLL 0 µs, C1 2 µs, C6 133 µs): the first call after a pause waits for that",
      mend: "awake = true in the partition of the QoS daemon; by hand, for one core: echo n/a | sudo tee /sys/devices/system/cpu/cpu3/power/pm_qos_resume_latency_us",
    },
  ],
  [
    "cores of a virtual machine that sleep",
    imagined({
      [`${CPU}/cpuidle/current_driver`]: "haltpoll",
      [`${CPU}/cpu1/power/pm_qos_resume_latency_us`]: "0",
      ...idleState(1, "haltpoll idle", 1),
    }),
    {
      code: "idle-states",
      level: "note",
      what: "without work core 1 may sleep (haltpoll; to wake up: POLL 0 µs, haltpoll idle 1 µs, and in this virtual machine what its host takes, often hundreds of µs): the first call after a pause waits for that",
      mend: "awake = true in the partition of the QoS daemon; by hand, for one core: echo n/a | sudo tee /sys/devices/system/cpu/cpu1/power/pm_qos_resume_latency_us",
    },
  ],
  [
    "states that are switched off",
    imagined({
      [`${CPU}/cpu1/power/pm_qos_resume_latency_us`]: "0",
      ...idleState(1, "C1", 2, 1),
    }),
    {
      code: "idle-states",
      level: "well",
      what: "cores without work stay awake (intel_idle: POLL 0 µs)",
    },
  ],
  [
    "no driver of sleep",
    imagined({ [`${CPU}/cpuidle/current_driver`]: "none" }),
    {
      code: "idle-states",
      level: "note",
      what: "no cpuidle driver: cores without work halt, and nothing can be set but for all of them; the first call after a pause waits until its core has woken up",
      mend: "idle=poll on the kernel's command line keeps all cores awake; so does a program that holds /dev/cpu_dma_latency open, where the kernel has it",
    },
  ],
  [
    "interrupts on every core",
    imagined(
      {
        "/proc/interrupts": INTERRUPTS,
        "/proc/irq/24/effective_affinity_list": "0",
        "/proc/irq/36/effective_affinity_list": "1",
        "/proc/irq/41/effective_affinity_list": "0",
      },
      { cores: [0, 1] },
    ),
    {
      code: "interrupts",
      level: "note",
      what: "devices interrupt every core, and a lane waits meanwhile (core 0: 41 virtio3-rx and 1 more; core 1: 36 virtio1-req.0)",
      mend: "confine = true of the QoS daemon moves what may be moved; by hand: echo 0 | sudo tee /proc/irq/36/smp_affinity_list (refused where the driver binds it to the core: take another core for lanes)",
    },
  ],
  [
    "interrupts on some cores",
    imagined(
      {
        "/proc/interrupts": INTERRUPTS,
        "/proc/irq/24/effective_affinity_list": "0",
        "/proc/irq/36/smp_affinity_list": "0",
        "/proc/irq/41/effective_affinity_list": "0",
      },
      { cores: [0, 1] },
    ),
    {
      code: "interrupts",
      level: "well",
      what: "no device interrupts core 1: the best for lanes (core 0: 36 virtio1-req.0 and 2 more)",
    },
  ],
  [
    "cores without ticks",
    imagined({ [`${CPU}/nohz_full`]: "3" }),
    {
      code: "cores",
      level: "well",
      what: "4 of 4 cores may be used, 0-3; 3 without ticks (nohz_full)",
    },
  ],
  [
    "an ordinary kernel",
    imagined({
      "/sys/kernel/realtime": undefined,
      "/proc/version": "Linux version 6.1.0 #1 SMP PREEMPT_DYNAMIC",
    }),
    {
      code: "preemption",
      level: "note",
      what: "a PREEMPT_DYNAMIC kernel; preempt=full on its command line preempts most; other programs' long system calls can delay a lane by milliseconds, on a PREEMPT_RT kernel they cannot",
    },
  ],
  [
    "autogroups",
    imagined({ "/proc/sys/kernel/sched_autogroup_enabled": "1" }),
    {
      code: "autogroup",
      level: "note",
      what: "nice values count only among programs of one login session (kernel.sched_autogroup_enabled is 1)",
      mend: "sudo sysctl -w kernel.sched_autogroup_enabled=0",
    },
  ],
  [
    "slack timers",
    imagined({ "/proc/self/timerslack_ns": "40000000" }),
    {
      code: "timer-slack",
      level: "note",
      what: "timers of ordinary threads may be 40000 µs late; those of real-time threads are not",
      mend: "scheduler.setTimerSlackNs(1) in the thread; the service manager has set it higher than usual",
    },
  ],
];

for (const [title, machine, finding] of SEEN)
  test(`found: ${title}`, (t) => {
    t.deepEqual(findingsOf(finding.code, machine), [finding]);
  });

test("version 1 not delegated: each tree of its own", (t) => {
  const found = findingsOf("delegation", imagined(VERSION_1, { mayWrite: () => false }));
  t.deepEqual(
    found.map(({ mend }) => mend),
    ["cpu", "cpuset"].map(
      (name) =>
        `sudo orbweaver qosd; or sudo mkdir /sys/fs/cgroup/${name}/orbweaver && sudo chown -R $USER /sys/fs/cgroup/${name}/orbweaver`,
    ),
  );
});
