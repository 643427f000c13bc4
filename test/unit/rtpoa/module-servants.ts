import { threadId } from "node:worker_threads";
import { _get_orb } from "../../../orb/index.ts";
import { Sample } from "../../support/sample.ts";

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
