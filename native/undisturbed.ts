import type { BorrowedSettings } from "./borrowed.ts";
import {
  codeOf,
  type ControlGroups,
  readCoreList,
  readCoreMask,
  writeCoreList,
  writeCoreMask,
} from "./cgroup/index.ts";

const IRQ = "/proc/irq";
/** Where interrupts go that come later. */
const LATER_INTERRUPTS = `${IRQ}/default_smp_affinity`;
/** Where the kernel's own work goes that is bound to no core. */
const KERNEL_WORK = "/sys/devices/virtual/workqueue/cpumask";

/** Something that stays on cores it was to be kept off. */
export interface Disturbance {
  /** `interrupt 36 (virtio1-req.0)`. */
  readonly what: string;
  readonly reason: string;
}

/** What was kept off, counted, and what was not. */
export interface KeptOff {
  readonly changed: number;
  readonly left: readonly Disturbance[];
}

function sumOf(parts: readonly KeptOff[]): KeptOff {
  return {
    changed: parts.reduce((sum, { changed }) => sum + changed, 0),
    left: parts.flatMap(({ left }) => left),
  };
}

const UNTOUCHED: KeptOff = { changed: 0, left: [] };

/** How a file tells cores. */
interface CoreForm {
  readonly read: (text: string) => readonly number[];
  readonly write: (cores: readonly number[]) => string;
}

const LIST: CoreForm = { read: readCoreList, write: writeCoreList };
const MASK: CoreForm = { read: readCoreMask, write: writeCoreMask };

/** Cores, and those that take what is kept off them; none: what has no other core stays. */
export interface CoresToClear {
  readonly cores: readonly number[];
  readonly others: readonly number[];
}

/** A file with cores in it. */
interface CoreFile {
  readonly path: string;
  readonly what: string;
  readonly form: CoreForm;
  /** Where those in force stand, when none do in the file itself. */
  readonly inForce?: string;
}

function reasonOf(thrown: unknown): string {
  if (codeOf(thrown) === "EBUSY") return "a group beneath it needs them (EBUSY)";
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Takes cores out of one file; where none is left, the others stand in. */
function takeOut(
  settings: BorrowedSettings,
  { path, what, form, inForce }: CoreFile,
  { cores, others }: CoresToClear,
): KeptOff {
  try {
    const written = form.read(settings.read(path));
    const isUnsaid = written.length === 0 && inForce !== undefined;
    const now = isUnsaid ? form.read(settings.read(inForce)) : written;
    const rest = now.filter((core) => !cores.includes(core));
    if (rest.length === now.length) return UNTOUCHED;
    const next = rest.length > 0 ? rest : others;
    if (next.length === 0) return { changed: 0, left: [{ what, reason: "it has no other core" }] };
    settings.put(path, form.write(next));
    return { changed: 1, left: [] };
  } catch (thrown) {
    return { changed: 0, left: [{ what, reason: reasonOf(thrown) }] };
  }
}

/** An interrupt whose device keeps it where it is: only what is on the cores now disturbs them. */
function interruptOff(settings: BorrowedSettings, id: string, clear: CoresToClear): KeptOff {
  const directory = `${IRQ}/${id}`;
  const path = `${directory}/smp_affinity_list`;
  const names = settings.files.groups(directory);
  const what = `interrupt ${id}${names.length === 0 ? "" : ` (${names.join(", ")})`}`;
  if (!settings.files.exists(path)) return UNTOUCHED;
  const { changed, left } = takeOut(settings, { path, what, form: LIST }, clear);
  if (left.length === 0) return { changed, left };
  const effective = `${directory}/effective_affinity_list`;
  const at = settings.files.exists(effective) ? readCoreList(settings.read(effective)) : undefined;
  if (at !== undefined && !at.some((core) => clear.cores.includes(core))) return UNTOUCHED;
  const reason = `its driver keeps it on ${writeCoreList(at ?? clear.cores)}: ${left[0]?.reason ?? ""}`;
  return { changed, left: [{ what, reason }] };
}

/**
 * Keeps interrupts and the kernel's own work off cores, as far as they let themselves be moved: each core's timer stays,
 * and what a driver binds to a core.
 */
export function keepInterruptsOff(settings: BorrowedSettings, clear: CoresToClear): KeptOff {
  const { files } = settings;
  const masks = [
    { path: LATER_INTERRUPTS, what: "interrupts to come", form: MASK },
    { path: KERNEL_WORK, what: "work of the kernel", form: MASK },
  ].filter(({ path }) => files.exists(path));
  const interrupts = files.exists(IRQ) ? files.groups(IRQ) : [];
  return sumOf([
    ...interrupts.map((id) => interruptOff(settings, id, clear)),
    ...masks.map((mask) => takeOut(settings, mask, clear)),
  ]);
}

/** A group of others; version 1 wants those beneath it first, in version 2 they follow by themselves. */
function groupOff(
  settings: BorrowedSettings,
  directory: string,
  version: 1 | 2,
  cores: readonly number[],
): KeptOff {
  const { files } = settings;
  const beneath = version === 1 ? files.groups(directory) : [];
  const path = `${directory}/cpuset.cpus`;
  const file: CoreFile = {
    path,
    what: `group ${directory}`,
    form: LIST,
    ...(version === 2 && { inForce: `${path}.effective` }),
  };
  return sumOf([
    ...beneath.map((name) => groupOff(settings, `${directory}/${name}`, version, cores)),
    files.exists(path) ? takeOut(settings, file, { cores, others: [] }) : UNTOUCHED,
  ]);
}

/**
 * Takes cores away from the groups of others beside a group of ours, containers and services of systemd, which
 * keep the rest of theirs.
 * @param own name of ours
 */
export function keepGroupsOff(
  settings: BorrowedSettings,
  groups: ControlGroups,
  own: string,
  cores: readonly number[],
): KeptOff {
  const version = groups.versionOf("cpuset");
  if (version === undefined) return UNTOUCHED;
  return sumOf(
    groups.base(["cpuset"]).directories.flatMap((base) =>
      settings.files
        .groups(base)
        .filter((name) => name !== own)
        .map((name) => groupOff(settings, `${base}/${name}`, version, cores)),
    ),
  );
}
