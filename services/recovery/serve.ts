import type { FailOverServer } from "../../interceptors/index.ts";
import { systemClock } from "../../orb/base/index.ts";
import type { Clock, ORB, Timer } from "../../orb/index.ts";
import {
  type Forecast,
  type Gauge,
  type PredictorOptions,
  ResourceWatch,
} from "../predictor/index.ts";
import { type FromReplica, toReplica } from "./letters.ts";

export interface ServeRecoveryOptions {
  readonly orb: ORB;
  /** Among the initializers of the ORB. */
  readonly failOver: FailOverServer;
  /** What may run out. */
  readonly gauges: readonly Gauge[];
  readonly predictor?: PredictorOptions;
  /** Milliseconds between two looks at the gauges; 250 by default. */
  readonly everyMs?: number;
  /** Milliseconds without a call after which clients are taken to have left; 250 by default. */
  readonly quietMs?: number;
  readonly onForecast?: (forecast: Forecast) => void;
  readonly clock?: Clock;
}

const QUIET_MS = 250;

/**
 * Makes this process a replica of the recovery manager that started it (`ProcessLauncher`): tells how its resources last,
 * and moves its clients and ends when it is told to, or when the manager is gone. To be called when the ORB serves.
 * @throws TypeError in a process that was started by none, or whose ORB listens nowhere
 */
export function serveRecovery(options: ServeRecoveryOptions): Disposable {
  const { orb, failOver } = options;
  const [endpoint] = orb.endpoints;
  if (process.send === undefined) throw new TypeError("no recovery manager started this process");
  if (endpoint === undefined) throw new TypeError("the ORB listens nowhere: give it orb.listen");
  const clock = options.clock ?? systemClock;
  // A manager that has gone hears nothing: that is told by the end of the connection, and is no error here.
  const tell = (letter: FromReplica): void =>
    void process.send?.(letter, undefined, undefined, () => undefined);
  const watch = new ResourceWatch({
    ...options.predictor,
    gauges: options.gauges,
    ...(options.everyMs === undefined ? {} : { everyMs: options.everyMs }),
    clock,
    onForecast: (forecast) => {
      options.onForecast?.(forecast);
      tell({ tells: "level", level: worst(watch) });
    },
  });
  let timer: Timer | undefined;
  const whenQuiet = (): void => {
    const leftMs = (options.quietMs ?? QUIET_MS) - failOver.quietMs;
    if (leftMs <= 0) tell({ tells: "moved" });
    else timer = clock.timer(leftMs, whenQuiet);
  };
  const end = (): void => {
    stop();
    void orb.destroy();
  };
  const hear = (letter: unknown): void => {
    const asked = toReplica(letter);
    if (asked?.asks === "know") failOver.know(asked.replicas);
    if (asked?.asks === "retire") end();
    if (asked?.asks !== "move") return;
    failOver.move(asked.replicas);
    timer?.cancel();
    whenQuiet();
  };
  const stop = (): void => {
    watch.close();
    timer?.cancel();
    process.off("message", hear);
    process.off("disconnect", end);
    if (process.connected) process.disconnect();
  };
  process.on("message", hear);
  process.once("disconnect", end);
  tell({ tells: "ready", address: { host: endpoint.host, port_number: endpoint.port } });
  return { [Symbol.dispose]: stop };
}

/** Of all resources: that which runs out first ends the process. */
function worst(watch: ResourceWatch): ReturnType<ResourceWatch["levels"]["get"]> & string {
  const levels = [...watch.levels.values()];
  const order = ["exhausted", "second", "first"] as const;
  return order.find((level) => levels.includes(level)) ?? "calm";
}
