import { threadId } from "node:worker_threads";
import {
  type InterfaceDescriptor,
  invoke,
  type Operation,
  Servant,
} from "../../../orb/generated.ts";
import type { ORBInitializer } from "../../../interceptors/index.ts";
import { BAD_PARAM, NO_PERMISSION, type ObjectReference } from "../../../orb/index.ts";

/** What servants of lanes are asked in tests; each answers with the number of the thread it runs in. */
interface Told {
  tell(command: string): string | Promise<string>;
}

const tellOperation: Operation<Told, readonly [string], string> = {
  name: "tell",
  writeArguments: (out, [command]) => void out.string(command),
  readArguments: (input) => [input.string()],
  writeResult: (out, text) => void out.string(text),
  readResult: (input) => input.string(),
  upcall: (servant, [command]) => servant.tell(command),
};

const descriptor: InterfaceDescriptor = {
  repositoryId: "IDL:test/Told:1.0",
  name: "Told",
  bases: () => [],
  operations: [tellOperation],
};

/** The client side. */
export function tell(
  target: ObjectReference,
  command: string,
  timeoutMs: number = 20_000,
): Promise<string> {
  return invoke(target, tellOperation, [command], { timeoutMs });
}

/** Keeps the thread for `ms`. */
function burn(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** Grows until the isolate's heap is full. */
function devour(): never {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, () => ({})));
}

export class Obedient extends Servant implements Told {
  override readonly _descriptor: InterfaceDescriptor = descriptor;
  readonly #name: string;
  #calls = 0;

  readonly #begun: Int32Array | undefined;

  /** @param begun counts calls as they begin, for those who cannot be told */
  constructor(name: string = "nobody", begun?: Int32Array) {
    super();
    this.#name = name;
    this.#begun = begun;
  }

  /** Keeps the thread until so many calls have begun. */
  #meet(count: number): string {
    const endMs = performance.now() + 20_000;
    while (this.#begun !== undefined && Atomics.load(this.#begun, 0) < count)
      if (performance.now() > endMs) return "alone";
    return "met";
  }

  tell(command: string): string | Promise<string> {
    this.#calls++;
    if (this.#begun !== undefined) Atomics.add(this.#begun, 0, 1);
    const [verb = "", argument = ""] = command.split(" ");
    switch (verb) {
      case "who":
        return `${this.#name} in ${threadId}`;
      case "count":
        return String(this.#calls);
      case "burn":
        burn(Number(argument));
        return "burnt";
      case "meet":
        return this.#meet(Number(argument));
      case "throw":
        throw new BAD_PARAM("as told", 0x4f57_0007);
      case "crash":
        setImmediate(() => {
          throw new TypeError("uncaught, as told");
        });
        return "about to";
      case "devour":
        return devour();
      case "exit":
        return process.exit(3);
      case "wait":
        return new Promise((resolve) => {
          setTimeout(() => resolve("waited"), Number(argument));
        });
      default:
        return command;
    }
  }
}

/** A function that makes a servant. */
export async function make(name: string): Promise<Servant> {
  return new Obedient(await Promise.resolve(name));
}

export function makeNothing(): string {
  return "no servant";
}

export class Fragile extends Obedient {
  constructor() {
    super();
    throw new RangeError("never made");
  }
}

/** An initializer of lanes: its interceptor lets no request in. */
export const refusing: ORBInitializer = {
  pre_init: (info) =>
    info.add_server_request_interceptor({
      name: "refusing",
      receive_request: () => {
        throw new NO_PERMISSION("nobody may");
      },
    }),
};
