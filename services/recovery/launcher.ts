import type { ReplicaAddress } from "../../interceptors/index.ts";
import type { Level } from "../predictor/index.ts";

/** What a replica tells the recovery manager. */
export interface ReplicaListener {
  /** How near it is to its end. */
  level(level: Level): void;
  /** It is gone, for whatever reason. To be told once. */
  ended(why: string): void;
}

/** A replica that is up, as the recovery manager speaks to it. */
export interface RunningReplica {
  /** Unlike that of any other replica, those before it included. */
  readonly name: string;
  readonly address: ReplicaAddress;
  /** Where its clients go when it is gone. */
  know(others: readonly ReplicaAddress[]): void;
  /** Has its clients leave for the first of these that answers; settled when none calls any more, or its time is over. */
  move(to: readonly ReplicaAddress[], signal: AbortSignal): Promise<void>;
  /** Ends it in good order. */
  retire(): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** Starts replicas: as child processes, or at other peers. */
export interface Launcher {
  /** @throws what kept it from starting; the signal's reason when it is aborted first: nothing is left behind then */
  start(listener: ReplicaListener, signal: AbortSignal): Promise<RunningReplica>;
}
