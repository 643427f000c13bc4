import type { RawReactor } from "./reactor/index.ts";

/** What `src/` exports, part by part. A number below zero is an errno, negated. */
export interface RawAddon {
  readonly sched: RawSched;
  readonly futex: RawFutex;
  readonly socket: RawSocket;
  readonly burn: RawBurn;
  readonly reactor: RawReactor;
}

/** `src/sched.c` */
export interface RawSched {
  threadId(): number;
  setName(name: string): number;
  /** Fields: policy, nice, priority, runtime, deadline, period (ns). */
  setattr(threadId: number, fields: Float64Array): number;
  getattr(threadId: number, fields: Float64Array): number;
  setaffinity(threadId: number, cores: Int32Array): number;
  /** @returns how many of `cores` it filled */
  getaffinity(threadId: number, cores: Int32Array): number;
  cpuTime(threadId: number): number;
  setTimerSlack(slackNs: number): number;
  timerSlack(): number;
  /** One mapping, page by page as they are touched. */
  lockMemory(start: number, octets: number): number;
  unlockMemory(): number;
}

/** `src/futex.c` */
export interface RawFutex {
  lock(words: Int32Array, index: number, timeoutMs: number): number;
  tryLock(words: Int32Array, index: number): number;
  unlock(words: Int32Array, index: number): number;
}

/** `src/socket.c` */
export interface RawSocket {
  setOption(descriptor: number, option: number, value: number): number;
  getOption(descriptor: number, option: number): number;
  duplicate(descriptor: number, atLeast: number): number;
  /** @param seconds −1: off */
  setLinger(descriptor: number, seconds: number): number;
  /** Fills one value. */
  linger(descriptor: number, seconds: Int32Array): number;
  /** Fills process, user, group. */
  credentials(descriptor: number, ids: Uint32Array): number;
  sendDescriptors(descriptor: number, octets: Uint8Array, descriptors: Int32Array): number;
  receiveDescriptors(
    descriptor: number,
    octets: Uint8Array,
    descriptors: Int32Array,
    count: Int32Array,
    timeoutMs: number,
  ): number;
  sendDatagram(path: Uint8Array, octets: Uint8Array): number;
  close(descriptor: number): number;
}

/** `src/burn.c` */
export interface RawBurn {
  /** @returns an id above 0 */
  start(
    priority: number,
    permille: number,
    sliceNs: number,
    durationNs: number,
    cores: Int32Array,
  ): number;
  stop(id: number, shares: Float64Array): number;
  spend(cpuNs: number, mostNs: number): number;
  endWithParent(): number;
}
