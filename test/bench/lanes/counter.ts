import { type InterfaceDescriptor, type Operation, Servant } from "../../../orb/generated.ts";

interface Counting {
  increment(): number;
}

const increment: Operation<Counting, readonly [], number> = {
  name: "increment",
  writeArguments: () => undefined,
  readArguments: () => [],
  writeResult: (out, value) => void out.long(value),
  readResult: (input) => input.long(),
  upcall: (servant) => servant.increment(),
};

const descriptor: InterfaceDescriptor = {
  repositoryId: "IDL:Bench/Counter:1.0",
  name: "Counter",
  bases: () => [],
  operations: [increment],
};

/** The remote procedure of the paper: increments a counter and returns it. */
export class Counter extends Servant implements Counting {
  override readonly _descriptor: InterfaceDescriptor = descriptor;
  value = 0;

  increment(): number {
    return ++this.value;
  }
}
