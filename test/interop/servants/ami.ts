// What works and what receives answers; cpp/ami.cc has the same ones.
import { NO_IMPLEMENT, SystemException } from "../../../orb/index.ts";
import type { Messaging } from "../../../idl/index.ts";
import * as Ami from "../gen/Ami.ts";

type Holder = Messaging.ExceptionHolder | null;

/** What a holder raises, as a line. */
function raised(holder: Holder): string {
  try {
    holder?.raise_exception();
    return "nothing";
  } catch (error) {
    if (error instanceof Ami.Refused) return `Refused ${error.why} ${error.code}`;
    if (error instanceof SystemException) return `${error.name} ${error.completed}`;
    return String(error);
  }
}

/** Remembers each answer as a line. */
export class Handler extends Ami.AMI_WorkerHandlerSkeleton {
  readonly lines: string[] = [];
  #changed: () => void = () => undefined;

  /** Settled when there are `count` lines. */
  async told(count: number): Promise<void> {
    while (this.lines.length < count) {
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  #say(line: string): void {
    this.lines.push(line);
    this.#changed();
  }

  get_name(value: string): void {
    this.#say(`get_name ${value}`);
  }
  get_name_excep(holder: Holder): void {
    this.#say(`get_name_excep ${raised(holder)}`);
  }
  get_level(value: number): void {
    this.#say(`get_level ${value}`);
  }
  get_level_excep(holder: Holder): void {
    this.#say(`get_level_excep ${raised(holder)}`);
  }
  set_level(): void {
    this.#say("set_level");
  }
  set_level_excep(holder: Holder): void {
    this.#say(`set_level_excep ${raised(holder)}`);
  }
  work(value: string, count: number, trace: string): void {
    this.#say(`work ${value} ${count} ${trace}`);
  }
  work_excep(holder: Holder): void {
    this.#say(`work_excep ${raised(holder)}`);
  }
  rest(): void {
    this.#say("rest");
  }
  rest_excep(holder: Holder): void {
    this.#say(`rest_excep ${raised(holder)}`);
  }
}

export class Worker extends Ami.WorkerSkeleton {
  readonly #name: string;
  #level = 0;
  #release: () => void = () => undefined;
  readonly #released: Promise<void> = new Promise((resolve) => (this.#release = resolve));

  constructor(name: string) {
    super();
    this.#name = name;
  }

  _get_name(): string {
    return this.#name;
  }
  _get_level(): number {
    return this.#level;
  }
  _set_level(value: number): void {
    this.#level = value;
  }
  async work(
    task: string,
    count: number,
  ): Promise<{ readonly result: string; readonly count: number; readonly trace: string }> {
    if (task === "refuse") throw new Ami.Refused({ why: "no", code: count });
    if (task === "crash") throw new NO_IMPLEMENT("crash", 0, "COMPLETED_YES");
    if (task === "park") await this.#released;
    return { result: `did ${task}`, count: count + 1, trace: this.#name };
  }
  release(): void {
    this.#release();
  }
  rest(): void {
    return undefined;
  }
}
