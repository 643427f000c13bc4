import { readCoreList } from "../../native/index.ts";
import type { Check } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

/** An interrupt of a device. */
interface Interrupt {
  readonly id: number;
  readonly name: string;
  /** How often it came since the machine was started. */
  readonly count: number;
  /** The cores it goes to now. */
  readonly cores: readonly number[];
}

/** The lines of `/proc/interrupts` that begin with a number; the others are the cores' own. */
function interruptsOf(machine: Machine): readonly Interrupt[] {
  const [head = "", ...lines] = (textOf(machine, "/proc/interrupts") ?? "").split("\n");
  const columns = head.trim().split(/\s+/).length;
  return lines.flatMap((line): readonly Interrupt[] => {
    const [first = "", ...words] = line.trim().split(/\s+/);
    if (!/^\d+:$/.test(first)) return [];
    const id = Number(first.slice(0, -1));
    const directory = `/proc/irq/${id}`;
    const cores =
      textOf(machine, `${directory}/effective_affinity_list`) ??
      textOf(machine, `${directory}/smp_affinity_list`);
    const count = words.slice(0, columns).reduce((sum, each) => sum + Number(each), 0);
    return cores === undefined || count === 0
      ? []
      : [{ id, name: words.at(-1) ?? "", count, cores: readCoreList(cores) }];
  });
}

/** `core 1: 36 virtio1-req.0 and 2 more`. */
function coreText(core: number, [most, ...others]: readonly Interrupt[]): string {
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  return `core ${core}: ${most?.id} ${most?.name}${rest}`;
}

/** Which cores devices interrupt. */
export const interrupts: Check = (machine) => {
  const code = "interrupts";
  const all = interruptsOf(machine);
  if (all.length === 0) return [];
  const onCore = (core: number): readonly Interrupt[] =>
    all.filter(({ cores }) => cores.includes(core)).toSorted((a, b) => b.count - a.count);
  const hit = machine.cores.filter((core) => onCore(core).length > 0);
  const free = machine.cores.filter((core) => !hit.includes(core));
  const text = hit.map((core) => coreText(core, onCore(core))).join("; ");
  if (free.length > 0)
    return [
      {
        code,
        level: "well",
        what: `no device interrupts ${free.length === 1 ? "core" : "cores"} ${free.join(", ")}: the best for lanes (${text})`,
      },
    ];
  const last = hit.at(-1) ?? 0;
  const one = onCore(last)[0]?.id ?? 0;
  const other = machine.cores.find((core) => core !== last);
  return [
    {
      code,
      level: "note",
      what: `devices interrupt every core, and a lane waits meanwhile (${text})`,
      mend: `confine = true of the QoS daemon moves what may be moved${other === undefined ? "" : `; by hand: echo ${other} | sudo tee /proc/irq/${one}/smp_affinity_list`} (refused where the driver binds it to the core: take another core for lanes)`,
    },
  ];
};
