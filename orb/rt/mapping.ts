import { Completion, DATA_CONVERSION, INITIALIZE, MINOR } from "../exception/index.ts";
import { isPriority, MAX_PRIORITY } from "./priority.ts";

/** Between CORBA priorities and those of the system (RTCORBA::PriorityMapping, RT-CORBA 1.2, 5.4). */
export interface PriorityMapping {
  /** undefined for a priority that has no counterpart. */
  to_native(priority: number): number | undefined;
  /** undefined for a native priority that has no counterpart. */
  to_CORBA(native: number): number | undefined;
}

/** Native priorities that may be used, both included. */
export interface NativeRange {
  readonly min: number;
  readonly max: number;
}

/** How a mapping is called in a configuration. */
export type MappingName = "linear" | "direct" | "continuous";

/** 48 and below: above it run the system's own threads, and what must be able to stop a runaway. */
export const DEFAULT_NATIVE_RANGE: NativeRange = { min: 1, max: 48 };
/** SCHED_FIFO and SCHED_RR of Linux. */
const SYSTEM_RANGE: NativeRange = { min: 1, max: 99 };

function isIn({ min, max }: NativeRange, native: number): boolean {
  return Number.isInteger(native) && native >= min && native <= max;
}

/** Spreads all CORBA priorities evenly over the native ones. */
export class LinearMapping implements PriorityMapping {
  readonly #range: NativeRange;

  constructor(range: NativeRange = DEFAULT_NATIVE_RANGE) {
    this.#range = range;
  }

  to_native(priority: number): number | undefined {
    if (!isPriority(priority)) return undefined;
    const { min, max } = this.#range;
    return min + Math.floor(((max - min) * priority) / MAX_PRIORITY);
  }

  /** The lowest of the CORBA priorities that mean the same native one. */
  to_CORBA(native: number): number | undefined {
    if (!isIn(this.#range, native)) return undefined;
    const { min, max } = this.#range;
    return max === min ? 0 : Math.ceil(((native - min) * MAX_PRIORITY) / (max - min));
  }
}

/** Each priority is its own native one; those outside the native range have none. */
export class DirectMapping implements PriorityMapping {
  readonly #range: NativeRange;

  constructor(range: NativeRange = DEFAULT_NATIVE_RANGE) {
    this.#range = range;
  }

  to_native(priority: number): number | undefined {
    return isIn(this.#range, priority) ? priority : undefined;
  }

  to_CORBA(native: number): number | undefined {
    return isIn(this.#range, native) ? native : undefined;
  }
}

/** CORBA priorities from 0 on, one for each native one. */
export class ContinuousMapping implements PriorityMapping {
  readonly #range: NativeRange;

  constructor(range: NativeRange = DEFAULT_NATIVE_RANGE) {
    this.#range = range;
  }

  to_native(priority: number): number | undefined {
    const native = this.#range.min + priority;
    return isPriority(priority) && isIn(this.#range, native) ? native : undefined;
  }

  to_CORBA(native: number): number | undefined {
    return isIn(this.#range, native) ? native - this.#range.min : undefined;
  }
}

/**
 * The mapping of a configuration.
 * @throws INITIALIZE for a range that the system has not
 */
export function mappingByName(name: MappingName, range: NativeRange): PriorityMapping {
  if (!isIn(SYSTEM_RANGE, range.min) || !isIn(SYSTEM_RANGE, range.max) || range.min > range.max) {
    throw new INITIALIZE(
      `native priorities ${range.min} to ${range.max}; allowed: within ${SYSTEM_RANGE.min} to ${SYSTEM_RANGE.max}, the lower first`,
      MINOR.priorityRangeTooNarrow,
      Completion.no,
    );
  }
  if (name === "direct") return new DirectMapping(range);
  return name === "continuous" ? new ContinuousMapping(range) : new LinearMapping(range);
}

/** The mapping that an ORB uses, to be replaced by one of the program's own; the initial reference `PriorityMappingManager`. */
export class PriorityMappingManager {
  mapping: PriorityMapping;

  constructor(mapping: PriorityMapping) {
    this.mapping = mapping;
  }

  /** @throws DATA_CONVERSION minor OMG 2 for a priority that has no native counterpart */
  _native(priority: number): number {
    const native = this.mapping.to_native(priority);
    if (native !== undefined) return native;
    throw new DATA_CONVERSION(
      `priority ${priority} has no native priority in the ORB's mapping`,
      MINOR.priorityMappingFailed,
      Completion.no,
    );
  }

  /** @throws DATA_CONVERSION minor OMG 2 for a native priority that has no counterpart */
  _priority(native: number): number {
    const priority = this.mapping.to_CORBA(native);
    if (priority !== undefined) return priority;
    throw new DATA_CONVERSION(
      `native priority ${native} has no CORBA priority in the ORB's mapping`,
      MINOR.priorityMappingFailed,
      Completion.no,
    );
  }
}

/**
 * Changes the priorities that calls run at: `inbound` before a servant is called, `outbound` before a servant
 * calls on (RTCORBA::PriorityTransform, RT-CORBA 1.2, 5.5). undefined fails the call with UNKNOWN.
 */
export interface PriorityTransform {
  inbound(priority: number, objectId: Uint8Array): number | undefined;
  outbound(priority: number, objectId: Uint8Array): number | undefined;
}
