import type { Counter, Gauge } from "../../orb/base/index.ts";
import type { LaneBirth, LaneBusy, LaneTally } from "./control.ts";
import type { DeskEvents } from "./desk.ts";
import type { Post } from "./link.ts";
import { LaneMeasures } from "./measures.ts";
import { Utilization } from "./processor-time.ts";

/** Milliseconds between tellings. */
const TELL_EVERY_MS = 1_000;
/** A share of time that changes by less is the same. */
const SMALLEST_CHANGE = 0.01;

/** What a thread says of itself, beside what its ORB measures. */
interface Own {
  readonly handovers: Counter;
  readonly refusals: Counter;
  readonly waiting: Gauge;
  readonly share: Gauge;
  readonly used: Counter;
  readonly waited: Counter;
}

function ownOf(measures: LaneMeasures): Own {
  const lane = ["lane"];
  return {
    handovers: measures.counter(
      "orbweaver_lane_handovers_total",
      "Requests that a lane's thread handed to another one",
      ["from", "to"],
    ),
    refusals: measures.counter(
      "orbweaver_lane_refusals_total",
      "Requests that found no room in a lane",
      lane,
    ),
    waiting: measures.gauge(
      "orbweaver_lane_waiting_requests",
      "Requests that wait for a thread of a lane",
      lane,
    ),
    share: measures.gauge(
      "orbweaver_lane_utilization",
      "Share of the time that a lane's thread was at work, 0 to 1",
      [...lane, "thread"],
    ),
    used: measures.counter(
      "orbweaver_lane_cpu_seconds_total",
      "Seconds that the threads of a lane were on a processor",
      lane,
    ),
    waited: measures.counter(
      "orbweaver_lane_cpu_wait_seconds_total",
      "Seconds that the threads of a lane were ready to run while something else had the processor",
      lane,
    ),
  };
}

/** Tells the main thread what happens in this one: what is measured now and then, and when all threads are busy. */
export class LaneTeller implements DeskEvents {
  /** What the lane's ORB measures with; undefined where the main thread measures nothing. */
  readonly measures: LaneMeasures | undefined;
  readonly #post: Post;
  readonly #birth: Pick<LaneBirth, "lane" | "thread">;
  readonly #own: Own | undefined;
  readonly #utilization: Utilization | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #share = 0;
  #hasChanged = false;
  #hasToldBusy = false;
  /** Of the pool. */
  laneNames: readonly string[] = [];

  constructor(post: Post, birth: Pick<LaneBirth, "lane" | "thread" | "isMeasured">) {
    this.#post = post;
    this.#birth = birth;
    if (!birth.isMeasured) return;
    this.measures = new LaneMeasures(() => (this.#hasChanged = true));
    this.#own = ownOf(this.measures);
    this.#utilization = new Utilization();
    this.#timer = setInterval(() => this.tell(), TELL_EVERY_MS).unref();
  }

  handedOver(toLane: number): void {
    const { lane: from } = this.#birth;
    this.#own?.handovers.add(1, { from, to: this.laneNames[toLane] ?? "" });
  }

  refused(): void {
    this.#own?.refusals.add(1);
  }

  waiting(by: 1 | -1): void {
    this.#own?.waiting.add(by);
  }

  /** Told once until there is a thread more. */
  allBusy(): void {
    if (this.#hasToldBusy) return;
    this.#hasToldBusy = true;
    const busy: LaneBusy = { allBusy: true };
    this.#post.postMessage(busy);
  }

  /** There is a thread more. */
  grown(): void {
    this.#hasToldBusy = false;
  }

  /** Tells what there is to tell now. */
  tell(): void {
    if (this.measures === undefined) return;
    this.#lookAtTheThread();
    if (!this.#hasChanged) return;
    this.#hasChanged = false;
    const tally: LaneTally = { measured: this.measures.take() };
    this.#post.postMessage(tally);
  }

  close(): void {
    clearInterval(this.#timer);
    this.tell();
    this.#utilization?.close();
  }

  #lookAtTheThread(): void {
    const own = this.#own;
    const looked = this.#utilization?.take();
    if (own === undefined || looked === undefined) return;
    const { share, time } = looked;
    if (Math.abs(share - this.#share) >= SMALLEST_CHANGE) {
      own.share.add(share - this.#share, { thread: String(this.#birth.thread) });
      this.#share = share;
    }
    if (time === undefined) return;
    own.used.add(time.usedS);
    own.waited.add(time.waitedS);
  }
}
