import type { Clock, Logger, Timer } from "../../../orb/base/index.ts";

/** What the service manager tells a process by its environment (sd_notify(3), sd_watchdog_enabled(3)). */
export type ManagerEnvironment = Readonly<Record<string, string | undefined>>;

export interface NotifierOptions {
  readonly environment: ManagerEnvironment;
  readonly processId: number;
  /** Sends one datagram to a UNIX-domain socket; undefined where this process cannot. @throws Error */
  readonly send: ((path: string, octets: Uint8Array) => void) | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

const US_PER_MS = 1_000;
/** The manager is told twice in the time that it waits. */
const TOLD_IN_TIME = 2;

/** Tells the service manager that started this process how it is; says nothing where none did. */
export class Notifier implements Disposable {
  readonly #options: NotifierOptions;
  readonly #socket: string | undefined;
  #timer: Timer | undefined;
  #hasFailed = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#socket = options.environment["NOTIFY_SOCKET"];
    if (this.#socket !== undefined && options.send === undefined)
      this.#warn("without the native addon this process cannot send to it: Type=exec is for that");
  }

  /** All parts have started. From now on the watchdog is told, too: by this thread, so that one that stands still is not. */
  ready(status: string): void {
    this.#tell(`READY=1\nSTATUS=${status}`);
    this.#watch();
  }

  status(status: string): void {
    this.#tell(`STATUS=${status}`);
  }

  /** The process ends in order. */
  stopping(): void {
    this.#tell("STOPPING=1");
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #watch(): void {
    const { environment, processId, clock } = this.#options;
    const us = Number(environment["WATCHDOG_USEC"] ?? 0);
    const whose = environment["WATCHDOG_PID"];
    if (!(us > 0) || this.#timer !== undefined) return;
    if (whose !== undefined && Number(whose) !== processId) return;
    const everyMs = us / US_PER_MS / TOLD_IN_TIME;
    const tell = (): void => {
      this.#tell("WATCHDOG=1");
      this.#timer = clock.timer(everyMs, tell);
    };
    tell();
  }

  #tell(text: string): void {
    const { send } = this.#options;
    if (this.#socket === undefined || send === undefined) return;
    try {
      send(this.#socket, Buffer.from(text));
    } catch (thrown) {
      this.#warn(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** Once: it would be said at each beat of the watchdog. */
  #warn(why: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.logger.warn(`the service manager at ${this.#socket} is not told: ${why}`);
  }
}
