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
