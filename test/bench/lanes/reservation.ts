import { availableParallelism } from "node:os";
import { type ControlGroup, ControlGroups } from "../../../native/index.ts";

/** Cores of the machine, divided: one for what is reserved, the others for all else. */
export interface Reservation extends AsyncDisposable {
  /** Paths of the two groups, for the processes that place themselves. */
  readonly groups: { readonly lanes: string; readonly rest: string };
  readonly core: number;
  /** Puts a process into the reserved core's group. */
  take(processId: number): void;
}

/** The group of cores of that path. @throws TypeError when it is not there */
export function coreGroup(path: string): ControlGroup {
  const group = ControlGroups.find().existing(path, ["cpuset"]);
  if (group === undefined) throw new TypeError(`there is no group of cores ${path}`);
  return group;
}

/** @throws ControlGroupError where control groups cannot be made */
export function reserveCore(): Reservation {
  const groups = ControlGroups.find();
  const count = availableParallelism();
  const core = count - 1;
  const all = Array.from({ length: count }, (_, each) => each);
  const base = `orbweaver-bench-${process.pid}`;
  const plan = { controllers: ["cpuset"], holds: "threads" } as const;
  const made: ControlGroup[] = [];
  const make = (path: string, cores: readonly number[]): ControlGroup => {
    const group = groups.make(path, plan);
    made.unshift(group);
    group.set({ memoryNodes: [0], cores });
    return group;
  };
  const paths = { lanes: `${base}/lanes`, rest: `${base}/rest` };
  make(base, all);
  const lanes = make(paths.lanes, [core]);
  make(
    paths.rest,
    all.filter((each) => each !== core),
  );
  return {
    groups: paths,
    core,
    take: (processId) => lanes.addProcess(processId),
    async [Symbol.asyncDispose]() {
      for (const group of made) await group.remove();
    },
  };
}
