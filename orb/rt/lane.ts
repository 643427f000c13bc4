import type { Deadline } from "../base/index.ts";

/** A lane of a thread pool as `create_threadpool_with_lanes` has it; RT-CORBA 1.2, 5.12. */
export interface LaneSpec {
  /** `pool 1, lane 0`, or the name the configuration gives it: for people. */
  readonly name: string;
  /** CORBA priority, 0 to 32767. */
  readonly priority: number;
  /** What it is to the kernel, by the ORB's mapping. */
  readonly nativePriority: number;
  /** Threads made at once. */
  readonly staticThreads: number;
  /** Threads that may be made when all are busy. */
  readonly dynamicThreads: number;
  /** Octets of stack of each thread; 0: the system's default. */
  readonly stackOctets: number;
  /** Requests kept while no thread is free; 0: none is kept, they are answered TRANSIENT. */
  readonly maxBufferedRequests: number;
  /** Octets those may hold. */
  readonly maxBufferedOctets: number;
  /** Upcalls that one thread has under way while they await; 100 where absent. */
  readonly maxConcurrent?: number;
  /** Whether requests may run in lanes of lower priority when all threads of this one are busy. */
  readonly mayBorrow?: boolean;
  /** Of a pool that was made without lanes: requests have priorities of their own. */
  readonly isAlone?: boolean;
  /** `iiop://HOST:PORT` to listen on; the host's choice where absent. */
  readonly listen?: string;
}

/** Something that an ES module exports. */
export interface ModuleExport {
  /** URL. */
  readonly module: string;
  readonly export: string;
}

/** A servant, or something else that is made, by where its class is found: only plain data crosses threads. */
export interface ModuleServant extends ModuleExport {
  /** Given to the class, or to the function that makes it; what `structuredClone` takes. */
  readonly args?: readonly unknown[];
}

/** A manager of POAs, which lanes with threads of their own follow. */
export interface LaneManager {
  readonly id: string;
  readonly state: "HOLDING" | "ACTIVE" | "DISCARDING" | "INACTIVE";
  /** Requests that each thread keeps while it is HOLDING. */
  readonly maxHeld: number;
}

/** An object adapter that exists in every lane of a pool. */
export interface LaneAdapter {
  /** POA names from the root, the root's left out. */
  readonly path: readonly string[];
  /**
   * Policies by their option names, as `createPoa` takes them; with `lane`, which says that the requests of the POA
   * run in a lane, and at its priority.
   */
  readonly policies: Readonly<Record<string, unknown>>;
  /** What governs it; that of the lane's RootPOA, which is ACTIVE from the first, where absent. */
  readonly manager?: LaneManager;
}

/** What a lane does now. */
export interface LaneCounts {
  readonly running: number;
  readonly waiting: number;
}

/** Where clients reach a lane. */
export interface LaneEndpoint {
  readonly host: string;
  readonly port: number;
}

/** A lane that runs. */
export interface Lane {
  readonly spec: LaneSpec;
  readonly endpoint: LaneEndpoint;
  readonly counts: LaneCounts;
  /** Requests that came to this lane and were another one's. */
  readonly strayCount: number;
  createAdapter(adapter: LaneAdapter, deadline: Deadline): Promise<void>;
  destroyAdapter(path: readonly string[], deadline: Deadline): Promise<void>;
  /**
   * Makes the servant in each of the lane's threads and activates it.
   * @returns the repository id of its most derived interface, for references
   */
  activate(
    path: readonly string[],
    objectId: Uint8Array,
    servant: ModuleServant,
    deadline: Deadline,
  ): Promise<string>;
  deactivate(path: readonly string[], objectId: Uint8Array, deadline: Deadline): Promise<void>;
  /** Says that an object of a SERVER_DECLARED adapter has a priority of its own; undefined: that it has none any more. */
  assign(
    path: readonly string[],
    objectId: Uint8Array,
    priority: number | undefined,
    deadline: Deadline,
  ): Promise<void>;
  /** Brings a manager of its adapters into a state. */
  manage(manager: LaneManager, deadline: Deadline): Promise<void>;
  /** Settled when no request of the manager runs there, or it is in another state. */
  completion(managerId: string, deadline: Deadline): Promise<void>;
  /** Has priorities transformed by what a module exports; undefined: by nothing. */
  transform(by: ModuleServant | undefined, deadline: Deadline): Promise<void>;
  /** Answers what it has read, then ends its threads; after `deadline` they are ended all the same. */
  close(deadline: Deadline): Promise<void>;
}

/** What the `-ORB…` arguments of a program say to its ORBs. */
export interface GivenOrb {
  /** In place of `orb.listen`; absent where they say nothing. */
  readonly listen?: readonly string[];
  /** In place of `orb.publish`. */
  readonly publish?: readonly string[];
  /** The others, as they are, but for the ORB's name. */
  readonly others: readonly string[];
}

/** Makes lanes: threads, or queues of this one. */
export interface LaneHost {
  /**
   * Starts the lanes of a pool together: all or none.
   * @param given what the program's arguments say, which holds for the ORBs of lanes, too
   * @throws NO_RESOURCES when the machine has no room for them
   */
  start(specs: readonly LaneSpec[], deadline: Deadline, given?: GivenOrb): Promise<readonly Lane[]>;
}
