import { setImmediate } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { _get_orb, type ObjectReference, type PriorityTransform } from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";

/** A servant that other threads find by its name. */
export class Greeter extends Sample {
  readonly #greeting: string;

  constructor(greeting: string) {
    super();
    this.#greeting = greeting;
  }

  override echo(text: string): string {
    return `${this.#greeting}, ${text}`;
  }
}

/** Makes one. */
export async function greeter(greeting: string): Promise<Greeter> {
  return await Promise.resolve(new Greeter(greeting));
}

/** Makes none. */
export function word(): string {
  return "word";
}

/** Says at which priority it is called, and in which thread. */
export class PrioritySeer extends Sample {
  override echo(): string {
    return `${_get_orb(this._reference()).rt.current.the_priority} ${threadId}`;
  }
}

/** What a {@link Parking} counts, and what it waits for. */
export const WORD = { begun: 0, ended: 1, isToEnd: 2 } as const;

/** Counts its calls in shared memory; "park" waits there until it is to end, "crash" ends its thread. */
export class Parking extends Sample {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    super();
    this.#words = words;
  }

  override async echo(text: string): Promise<string> {
    Atomics.add(this.#words, WORD.begun, 1);
    if (text === "crash") process.exit(1);
    while (text === "park" && Atomics.load(this.#words, WORD.isToEnd) === 0) await setImmediate();
    Atomics.add(this.#words, WORD.ended, 1);
    return text;
  }
}

/** Gives its own reference as text: as its thread makes it. */
export class Myself extends Sample {
  override echo(): string {
    const reference = this._reference();
    return _get_orb(reference).object_to_string(reference);
  }
}

/** Takes requests in by so much more, and lets none in at 99. */
export class Raising implements PriorityTransform {
  readonly #by: number;
  readonly #calls: Int32Array;

  constructor(by: number, calls: Int32Array) {
    this.#by = by;
    this.#calls = calls;
  }

  inbound(priority: number): number | undefined {
    Atomics.add(this.#calls, 0, 1);
    return priority === 99 ? undefined : priority + this.#by;
  }

  outbound(priority: number): number {
    return priority;
  }
}

/** Calls on behind an await: the initial reference of a name. */
export class Relaying extends Sample {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override async echo(text: string): Promise<string> {
    const orb = _get_orb(this._reference());
    await setImmediate();
    const next = await orb.resolve_initial_references(this.#name);
    return await sample.echo(next as ObjectReference, text);
  }
}
