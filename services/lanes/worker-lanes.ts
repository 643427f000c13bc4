import { stat } from "node:fs/promises";
import {
  type Clock,
  type Counter,
  type Deadline,
  type Logger,
  type Metrics,
  noLogger,
  noMetrics,
  systemClock,
  systemRandom,
} from "../../orb/base/index.ts";
import {
  Completion,
  INTERNAL,
  type LaneHost,
  type LaneSpec,
  MINOR,
  type OrbConfig,
} from "../../orb/index.ts";
import type { LaneBirth, ModuleExport, Placement } from "../lane/index.ts";
import { placementWarning, schedulingText } from "../lane/index.ts";
import { RESTART_LIMITS, RestartBudget, type RestartLimits } from "./restarts.ts";
import {
  configOf,
  isRealTime,
  type LaneConfig,
  type LaneSettings,
  linearPriority,
  type NativePriority,
  settingsOf,
} from "./settings.ts";
import { LaneThread } from "./thread.ts";
import { collectSingleThreaded } from "./single-threaded-gc.ts";
import { WorkerLane } from "./worker-lane.ts";

/** Octets in the keys of transient objects that name a run of the ORB. */
const INSTANCE_OCTETS = 8;

/** Puts threads into groups of their own: control groups, where somebody keeps them. */
export interface LaneGroups {
  /**
   * Brings a thread into its lane's group.
   * @param threadId the kernel's
   * @throws an error that says what is missing; the lane serves without then
   */
  join(lane: string, threadId: number, settings: LaneSettings): Promise<void>;
}

/** What lanes are made with. */
export interface WorkerLanesOptions {
  /** The module that each thread runs: it calls `serveLane`. */
  readonly program: URL;
  /** `[orb]`: what the ORB of each lane is told, too. */
  readonly orb?: OrbConfig;
  /** `[lanes.NAME]`. */
  readonly lanes?: Readonly<Record<string, LaneConfig>>;
  /** Interceptors of the lanes: modules that export ORBInitializers, or functions that return one. */
  readonly laneInitializers?: readonly ModuleExport[];
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  readonly clock?: Clock;
  /** CORBA priority to the kernel's; evenly onto 1 to 48 where absent. */
  readonly nativePriority?: NativePriority;
  readonly groups?: LaneGroups;
  readonly restarts?: RestartLimits;
}

/** Lanes that are threads of this process, each with an ORB of its own (`lanes` of `ORB_init`). */
export class WorkerLanes implements LaneHost {
  /** What `instance` of the main thread's ORB must be, so that lanes answer to its keys. */
  readonly instance: Uint8Array = systemRandom.octets(INSTANCE_OCTETS);
  readonly #options: WorkerLanesOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #restarts: Counter;
  #isSingleThreaded = false;

  constructor(options: WorkerLanesOptions) {
    this.#options = options;
    this.#log = options.logger ?? noLogger;
    this.#clock = options.clock ?? systemClock;
    this.#restarts = (options.metrics ?? noMetrics).counter(
      "orbweaver_lane_restarts_total",
      "Threads of lanes that died and were made again",
      ["lane"],
    );
  }

  /** @throws NO_RESOURCES when the system has no threads for them, INITIALIZE when an endpoint cannot be had */
  async start(specs: readonly LaneSpec[], deadline: Deadline): Promise<readonly WorkerLane[]> {
    const { lanes = {}, orb = {}, nativePriority = linearPriority } = this.#options;
    const making = specs.map((spec) => {
      const settings = settingsOf(spec, configOf(spec, lanes), orb, nativePriority);
      const placements = new Map<number, Placement>();
      return { spec, settings, placements, thread: this.#thread(spec, 0, settings, placements) };
    });
    if (making.some(({ settings }) => isRealTime(settings.wish.scheduling)))
      this.#collectSingleThreaded();
    // Its threads would inherit core and group of the lane that used it first, for good.
    await stat(".");
    try {
      await Promise.all(making.map(({ thread }) => thread.start(deadline)));
      // One after the other: each is warm before the next one takes the processor.
      for (const { thread } of making) await thread.open(deadline);
    } catch (error) {
      await Promise.all(making.map(({ thread }) => thread.close(deadline)));
      throw error;
    }
    return making.map(({ spec, thread, placements }) => {
      const { endpoint } = thread;
      if (endpoint === undefined)
        throw new INTERNAL(`lane "${spec.name}" has no endpoint`, MINOR.none, Completion.no);
      return new WorkerLane(spec, endpoint, [thread], placements);
    });
  }

  #collectSingleThreaded(): void {
    if (this.#isSingleThreaded) return;
    this.#isSingleThreaded = true;
    collectSingleThreaded();
  }

  #thread(
    { name }: LaneSpec,
    thread: number,
    settings: LaneSettings,
    placements: Map<number, Placement>,
  ): LaneThread {
    const { program, orb = {}, laneInitializers: initializers = [], restarts } = this.#options;
    const birth: LaneBirth = { lane: name, thread, instance: this.instance, orb, initializers };
    const { wish, opening, limits } = settings;
    return new LaneThread({
      program,
      birth,
      wish,
      opening,
      limits,
      clock: this.#clock,
      log: this.#log,
      budget: new RestartBudget(restarts ?? RESTART_LIMITS, this.#clock),
      join: (threadId) => this.#join(name, threadId, settings),
      placed: (placement) => {
        const isNew = !placements.has(thread);
        placements.set(thread, placement);
        if (isNew && thread === 0) this.#tell(name, placement);
      },
      restarted: () => this.#restarts.add(1, { lane: name }),
    });
  }

  async #join(lane: string, threadId: number | undefined, settings: LaneSettings): Promise<void> {
    const { groups } = this.#options;
    if (groups === undefined || threadId === undefined) return;
    try {
      await groups.join(lane, threadId, settings);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log.warn(`lane "${lane}" serves without a group of its own: ${why}`);
    }
  }

  /** Once for a lane: what it got, and what it did not. */
  #tell(lane: string, { threadId, scheduling, cores, refused }: Placement): void {
    const warning = placementWarning(lane, refused);
    if (warning !== undefined) this.#log.warn(warning);
    if (scheduling === undefined) return;
    const text = schedulingText(scheduling);
    this.#log.info(`lane "${lane}" runs`, { threadId, scheduling: text, cores: cores.join(",") });
  }
}
