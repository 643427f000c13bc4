import { stat } from "node:fs/promises";
import {
  type Clock,
  type Counter,
  Deadline,
  type Logger,
  type Metrics,
  noLogger,
  noMetrics,
  systemClock,
  systemRandom,
} from "../../orb/base/index.ts";
import type { GivenOrb, LaneHost, LaneSpec, ModuleExport, OrbConfig } from "../../orb/index.ts";
import {
  isBusy,
  isTally,
  type LaneBirth,
  newCounts,
  type Placement,
  placementWarning,
  schedulingText,
  type Team,
} from "../lane-thread/index.ts";
import { AwakeLanes, type CoreKeeper } from "./awake.ts";
import { type ProcessThreads, raiseHelpers } from "./helpers.ts";
import { RESTART_LIMITS, RestartBudget, type RestartLimits } from "./restarts.ts";
import {
  configOf,
  isRealTime,
  type LaneConfig,
  type LaneSettings,
  settingsOf,
} from "./settings.ts";
import { LaneTeam } from "./team.ts";
import { LaneThread } from "./thread.ts";
import { ThreadMeasures } from "./thread-measures.ts";
import { scavengeAlone } from "./scavenges.ts";
import { WorkerLane } from "./worker-lane.ts";

/** Octets in the keys of transient objects that name a run of the ORB. */
const INSTANCE_OCTETS = 8;
/** Milliseconds that one more thread may take to be ready. */
const GROW_TIMEOUT_MS = 10_000;

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
  readonly groups?: LaneGroups;
  /** Named mutexes that all lanes and the main thread share. */
  readonly mutexMemory?: SharedArrayBuffer;
  /** Whether several threads can listen at one port. */
  readonly canSharePorts?: boolean;
  readonly restarts?: RestartLimits;
  /** For lanes that reserve a core which is not to sleep. */
  readonly awake?: CoreKeeper;
  /** To put V8's helper threads above real-time lanes. */
  readonly threads?: ProcessThreads;
}

/** Lanes that are threads of this process, each with an ORB of its own (`lanes` of `ORB_init`). */
export class WorkerLanes implements LaneHost {
  /** What `instance` of the main thread's ORB must be, so that lanes answer to its keys. */
  readonly instance: Uint8Array = systemRandom.octets(INSTANCE_OCTETS);
  readonly #options: WorkerLanesOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #restarts: Counter;
  /** Those that run. */
  readonly #lanes = new Set<WorkerLane>();
  readonly #awake: AwakeLanes;
  #hasStarted = false;

  constructor(options: WorkerLanesOptions) {
    this.#options = options;
    this.#log = options.logger ?? noLogger;
    this.#clock = options.clock ?? systemClock;
    this.#awake = new AwakeLanes(options.awake);
    this.#restarts = (options.metrics ?? noMetrics).counter(
      "orbweaver_lane_restarts_total",
      "Threads of lanes that died and were made again",
      ["lane"],
    );
  }

  /**
   * Has all lanes tell what they measured, which they do once a second by themselves. One that does not answer within
   * the deadline is left out: what it measured comes later.
   */
  async measure(deadline: Deadline): Promise<void> {
    const threads = [...this.#lanes].flatMap((lane) => lane.threads);
    for (const told of await Promise.allSettled(threads.map((each) => each.measure(deadline))))
      if (told.status === "rejected")
        this.#log.debug("a lane did not tell what it measured", { error: told.reason });
  }

  /** @throws NO_RESOURCES when the system has no threads for them, INITIALIZE when an endpoint cannot be had */
  async start(
    specs: readonly LaneSpec[],
    deadline: Deadline,
    given: GivenOrb = { others: [] },
  ): Promise<readonly WorkerLane[]> {
    const { lanes = {}, orb = {} } = this.#options;
    // Arguments win over the configuration.
    const places = { ...orb, ...given };
    const settings = specs.map((spec) => settingsOf(spec, configOf(spec, lanes), places));
    if (settings.some(({ wish }) => isRealTime(wish.scheduling))) scavengeAlone();
    this.#raiseHelpers(settings);
    // Its threads would inherit core and group of the lane that used it first, for good.
    await stat(".");
    const team = new LaneTeam(this.#clock, this.#log);
    const made = settings.map((each, lane) => this.#lane(team, each, lane, { specs, given }));
    team.lanes = made;
    try {
      await Promise.all(made.map((lane) => lane.start(deadline)));
      for (const lane of made) await lane.open(deadline);
    } catch (error) {
      await Promise.all(made.map((lane) => lane.close(deadline)));
      throw error;
    }
    for (const lane of made) this.#lanes.add(lane);
    return made;
  }

  /** Once, with the first pool: afterwards there are workers. */
  #raiseHelpers(settings: readonly LaneSettings[]): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const why = raiseHelpers(this.#options.threads, settings);
    if (why !== undefined) this.#log.info(`V8's helper threads stay ordinary: ${why}`);
  }

  #lane(
    team: LaneTeam,
    settings: LaneSettings,
    lane: number,
    pool: { readonly specs: readonly LaneSpec[]; readonly given: GivenOrb },
  ): WorkerLane {
    const { spec, opening } = settings;
    const most = Math.max(1, spec.staticThreads) + spec.dynamicThreads;
    const counts = newCounts(most);
    const asleep = this.#awake.begin(settings, settings.awake);
    const placements = new Map<number, Placement>();
    const sharesPort = most > 1 && this.#options.canSharePorts === true;
    const made: WorkerLane = new WorkerLane({
      spec,
      opening: { ...opening, sharesPort },
      placements,
      counts,
      closed: () => {
        this.#lanes.delete(made);
        this.#awake.end(settings);
      },
      newThread: (thread) => {
        const belongs: Team = {
          seat: { lane, thread },
          hasLanes: spec.isAlone !== true,
          priorities: pool.specs.map(({ priority }) => priority),
          names: pool.specs.map(({ name }) => name),
          counts,
          maxConcurrent: settings.maxConcurrent,
          maxBufferedRequests: settings.maxBufferedRequests,
          maxBufferedOctets: settings.maxBufferedOctets,
          mayGrow: spec.dynamicThreads > 0,
          mayBorrow: spec.mayBorrow === true,
        };
        return this.#thread(team, belongs, {
          settings,
          given: pool.given,
          placed: (placement) => {
            const before = placements.get(thread);
            placements.set(thread, placement);
            // What a thread had and has no more, when it is made again, is news as well.
            const isLess = before?.refused.length === 0 && placement.refused.length > 0;
            if ((before === undefined && thread === 0) || isLess)
              this.#tell(spec.name, { ...placement, refused: [...placement.refused, ...asleep] });
          },
          grow: () => this.#grow(made),
        });
      },
    });
    return made;
  }

  #grow(lane: WorkerLane): void {
    const deadline = Deadline.after(this.#clock, GROW_TIMEOUT_MS);
    lane.grow(deadline).then(
      (isGrown) => {
        if (isGrown) this.#log.info(`lane "${lane.spec.name}" has a thread more`);
      },
      (error: unknown) => {
        this.#log.warn(`lane "${lane.spec.name}" gets no thread more`, { error });
      },
    );
  }

  #thread(
    team: LaneTeam,
    belongs: Team,
    {
      settings,
      given,
      placed,
      grow,
    }: {
      readonly settings: LaneSettings;
      readonly given: GivenOrb;
      readonly placed: (placement: Placement) => void;
      readonly grow: () => void;
    },
  ): LaneThread {
    const {
      program,
      orb = {},
      laneInitializers: initializers = [],
      restarts,
      metrics,
    } = this.#options;
    const { wish, limits, spec } = settings;
    const { name } = spec;
    const { thread } = belongs.seat;
    const birth: LaneBirth = {
      lane: name,
      thread,
      instance: this.instance,
      orb,
      arguments: given.others,
      initializers,
      mutexMemory: this.#options.mutexMemory,
      spinUs: settings.spinUs,
      isMeasured: metrics !== undefined,
    };
    const measures = new ThreadMeasures(metrics ?? noMetrics, name);
    const made: LaneThread = new LaneThread({
      program,
      birth,
      wish,
      limits,
      team: belongs,
      clock: this.#clock,
      log: this.#log,
      budget: new RestartBudget(restarts ?? RESTART_LIMITS, this.#clock),
      join: (threadId) => this.#join(name, threadId, settings),
      placed,
      serving: async (isAgain) => {
        if (isAgain) this.#restarts.add(1, { lane: name });
        await team.joined(made);
      },
      died: () => {
        measures.died();
        team.left(made);
      },
      told: (message) => {
        if (isBusy(message)) grow();
        if (isTally(message)) measures.take(message);
      },
    });
    return made;
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
