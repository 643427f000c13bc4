import { performance } from "node:perf_hooks";
import { noLogger, systemClock } from "../../orb/base/index.ts";
import {
  type Channel,
  type Clock,
  type Logger,
  newTcpTransport,
  type Timer,
  type Transport,
} from "../../orb/index.ts";
import { MonitorError } from "./utilization.ts";

/** Where the monitor of a host listens to its processes when nothing else is said. */
export const DEFAULT_LIFE_SOCKET = "/run/orbweaver/monitor.sock";
/** Milliseconds between two looks at the event loop, and before a monitor that has gone is looked for again. */
const BUSY_MS = 1_000;
const RETRY_MS = 1_000;
const ANSWER_MS = 5_000;

export interface LifeOptions {
  /** What the monitor calls the process, unlike any other of the host: no blanks, 200 characters at most. */
  readonly process: string;
  /** `/run/orbweaver/monitor.sock` by default. */
  readonly socket?: string;
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * Shows the monitor of this host that the process lives, by a connection that ends with it, and how busy its event loop
 * is. Found again when the monitor was started anew.
 */
export class Life implements AsyncDisposable {
  readonly #options: LifeOptions;
  readonly #socket: string;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop: AbortController = new AbortController();
  #channel: Channel | undefined;
  #timer: Timer | undefined;

  private constructor(options: LifeOptions) {
    this.#options = options;
    this.#socket = options.socket ?? DEFAULT_LIFE_SOCKET;
    this.#transport = options.transport ?? newTcpTransport({ keepAliveMs: 0 });
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? noLogger;
  }

  /** @throws MonitorError when nobody listens, or the monitor has such a process already */
  static async begin(options: LifeOptions): Promise<Life> {
    const life = new Life(options);
    await life.#connect();
    return life;
  }

  /** Whether the monitor is there. */
  get isSeen(): boolean {
    return this.#channel !== undefined;
  }

  /** Leaves: the monitor does not take the process for dead. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.send(Buffer.from("bye\n"));
    channel?.end();
    await Promise.resolve();
  }

  /** The connection ends without a word, as at the process's death: for who watches over another process. */
  break(): void {
    this.#stop.abort();
    this.#timer?.cancel();
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(): Promise<void> {
    // By a timer: AbortSignal.any does not keep an AbortSignal.timeout (Node.js 20).
    const late = new AbortController();
    const timer = this.#clock.timer(ANSWER_MS, () => late.abort());
    try {
      await this.#connectUntil(AbortSignal.any([this.#stop.signal, late.signal]));
    } finally {
      timer.cancel();
    }
  }

  async #connectUntil(signal: AbortSignal): Promise<void> {
    const channel = await this.#reach(signal);
    await new Promise<void>((resolve, reject) => {
      let text = "";
      const refuse = (why: string): void => {
        channel.destroy();
        reject(new MonitorError(`the monitor at ${this.#socket}: ${why}`));
      };
      const late = (): void => refuse(`no answer within ${ANSWER_MS} ms`);
      signal.addEventListener("abort", late, { once: true });
      channel.start({
        data: (chunk) => {
          if (this.#channel === channel) return;
          text += Buffer.from(chunk).toString("latin1");
          const [line, ...rest] = text.split("\n");
          if (rest.length === 0) return;
          signal.removeEventListener("abort", late);
          if (line !== "ok") return refuse(line?.replace(/^no /, "") ?? "");
          this.#begin(channel);
          resolve();
        },
        drained: () => undefined,
        closed: () => {
          signal.removeEventListener("abort", late);
          if (this.#channel === channel) this.#lost();
          else refuse("it closed the connection");
        },
      });
      channel.send(Buffer.from(`process ${this.#options.process}\n`));
    });
  }

  async #reach(signal: AbortSignal): Promise<Channel> {
    try {
      return await this.#transport.connect({ host: "", port: 0, path: this.#socket }, signal);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
      throw new MonitorError(
        `no monitor answers at ${this.#socket} (${code}); "orbweaver monitor" starts one`,
        { cause },
      );
    }
  }

  #begin(channel: Channel): void {
    this.#channel = channel;
    // Who has nothing else to do may end.
    channel.unref();
    this.#measure(performance.eventLoopUtilization());
  }

  #measure(before: ReturnType<typeof performance.eventLoopUtilization>): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.timer(BUSY_MS, () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      const share = Math.min(1, Math.max(0, utilization));
      this.#channel?.send(Buffer.from(`busy ${share.toFixed(3)}\n`));
      this.#measure(now);
    });
    this.#timer.unref();
  }

  #lost(): void {
    this.#channel = undefined;
    this.#timer?.cancel();
    if (this.#stop.signal.aborted) return;
    this.#logger.warn(`the monitor at ${this.#socket} went away: looked for until it is back`);
    this.#retryLater();
  }

  #retryLater(): void {
    this.#timer = this.#clock.timer(RETRY_MS, () => {
      this.#connect().then(
        () => this.#logger.info("the monitor is back"),
        () => {
          if (!this.#stop.signal.aborted) this.#retryLater();
        },
      );
    });
    this.#timer.unref();
  }
}
