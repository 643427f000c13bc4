import { codeOf, type GroupFiles } from "./files.ts";
import { groupError } from "./error.ts";

/** What can be controlled, or counted. `io` is version 1's `blkio`; `cpuacct` is version 1's, whose `cpu` counts no time. */
export type Controller = "cpu" | "cpuacct" | "cpuset" | "memory" | "io";

/** A tree of groups: one for each mount of version 1, one for all of version 2. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  readonly controllers: readonly Controller[];
  /** The group this process is in, from the mount point: `/` or `/user.slice/…`. */
  readonly own: string;
}

/** Controllers by what the kernel calls them. */
const NAMES: Readonly<Record<1 | 2, Readonly<Record<string, Controller>>>> = {
  1: { cpu: "cpu", cpuacct: "cpuacct", cpuset: "cpuset", memory: "memory", blkio: "io" },
  2: { cpu: "cpu", cpuset: "cpuset", memory: "memory", io: "io" },
};

function controllersOf(words: readonly string[], version: 1 | 2): readonly Controller[] {
  return words.flatMap((word) => NAMES[version][word] ?? []);
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly version: 1 | 2;
  readonly options: readonly string[];
}

/** Spaces and the like stand as `\040` in the kernel's lists. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  );
}

function readMounts(text: string): readonly Mount[] {
  return text.split("\n").flatMap((line): readonly Mount[] => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root = "/", point = ""] = left.split(" ");
    const [type = "", , options = ""] = right.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    const version = type === "cgroup" ? 1 : 2;
    return [
      { root: unescaped(root), point: unescaped(point), version, options: options.split(",") },
    ];
  });
}

/** A line of `/proc/self/cgroup`: `4:memory:/a/b`, version 2 as `0::/a/b`. */
function ownGroup(text: string, version: 1 | 2, controllers: readonly string[]): string {
  for (const line of text.split("\n")) {
    const [, names = "", ...path] = line.split(":");
    const isIt =
      version === 2 ? names === "" : names.split(",").some((name) => controllers.includes(name));
    if (isIt && path.length > 0) return path.join(":");
  }
  return "/";
}

/** The group's path as seen at a mount that shows only what is beneath `root`. */
function beneath(root: string, group: string): string {
  if (root === "/") return group;
  return group === root || group.startsWith(`${root}/`) ? group.slice(root.length) || "/" : "/";
}

function readOr(files: GroupFiles, file: string, otherwise: string): string {
  try {
    return files.read(file);
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return otherwise;
    throw groupError("read", file, undefined, thrown);
  }
}

/**
 * Finds the trees of control groups that are mounted and what each controls. A controller that is mounted
 * twice is told once: by the first mount, since the others show the same groups.
 * @param proc where the kernel tells of this process
 * @throws ControlGroupError when the kernel's lists cannot be read
 */
export function findHierarchies(
  files: GroupFiles,
  proc: string = "/proc/self",
): readonly Hierarchy[] {
  const groups = readOr(files, `${proc}/cgroup`, "");
  const taken = new Set<Controller>();
  const found: Hierarchy[] = [];
  for (const { root, point, version, options } of readMounts(
    readOr(files, `${proc}/mountinfo`, ""),
  )) {
    const words =
      version === 1
        ? options
        : readOr(files, `${point}/cgroup.controllers`, "").trim().split(/\s+/);
    const controllers = controllersOf(words, version).filter((each) => !taken.has(each));
    for (const controller of controllers) taken.add(controller);
    const isSeen = version === 2 && found.some((other) => other.version === 2);
    if (controllers.length === 0 && (version === 1 || isSeen)) continue;
    const own = beneath(root, ownGroup(groups, version, options));
    found.push({ version, mountPoint: point, controllers, own });
  }
  return found;
}
