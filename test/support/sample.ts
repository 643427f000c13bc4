import {
  type Any,
  type CdrInput,
  type CdrOutput,
  type InterfaceDescriptor,
  invoke,
  type ObjectReference,
  type Operation,
  type Raises,
  readAny,
  Servant,
  UserException,
  writeAny,
} from "../../orb/generated.ts";

/** A small interface written by hand, for tests of the ORB that must not depend on the compiler. */

export class Refused extends UserException {
  static readonly repositoryId: string = "IDL:Sample/Refused:1.0";
  override readonly repositoryId: string = Refused.repositoryId;
  readonly why: string;

  constructor(members: { readonly why: string }) {
    super(`refused: ${members.why}`);
    this.why = members.why;
  }
}

const refused: Raises = {
  type: Refused,
  write: (out: CdrOutput, e: UserException) => void out.string((e as Refused).why),
  read: (input: CdrInput) => new Refused({ why: input.string() }),
};

export interface SampleServant {
  echo(text: string): string | Promise<string>;
  refuse(why: string): void | Promise<void>;
  park(): Promise<void>;
  fire(amount: number): void;
  same(reference: ObjectReference | null): ObjectReference | null;
  box(value: Any): Any;
}

function none(): undefined {
  return undefined;
}

export const echoOperation: Operation<SampleServant, readonly [string], string> = {
  name: "echo",
  writeArguments: (out, args) => void out.string(args[0]),
  readArguments: (input) => [input.string()],
  writeResult: (out, v) => void out.string(v),
  readResult: (input) => input.string(),
  upcall: (servant, args) => servant.echo(args[0]),
};

const refuseOperation: Operation<SampleServant, readonly [string], void> = {
  name: "refuse",
  writeArguments: (out, args) => void out.string(args[0]),
  readArguments: (input) => [input.string()],
  writeResult: none,
  readResult: none,
  upcall: (servant, args) => servant.refuse(args[0]),
  raises: () => [refused],
};

const parkOperation: Operation<SampleServant, readonly [], void> = {
  name: "park",
  writeArguments: none,
  readArguments: () => [],
  writeResult: none,
  readResult: none,
  upcall: (servant) => servant.park(),
};

const fireOperation: Operation<SampleServant, readonly [number], void> = {
  name: "fire",
  oneway: true,
  writeArguments: (out, args) => void out.long(args[0]),
  readArguments: (input) => [input.long()],
  writeResult: none,
  readResult: none,
  upcall: (servant, args) => servant.fire(args[0]),
};

const sameOperation: Operation<
  SampleServant,
  readonly [ObjectReference | null],
  ObjectReference | null
> = {
  name: "same",
  writeArguments: (out, args) => out.context.writeObject(out, args[0]),
  readArguments: (input) => [input.context.readObject(input) as ObjectReference | null],
  writeResult: (out, v) => out.context.writeObject(out, v),
  readResult: (input) => input.context.readObject(input) as ObjectReference | null,
  upcall: (servant, args) => servant.same(args[0]),
};

const boxOperation: Operation<SampleServant, readonly [Any], Any> = {
  name: "box",
  writeArguments: (out, args) => writeAny(out, args[0]),
  readArguments: (input) => [readAny(input)],
  writeResult: (out, v) => writeAny(out, v),
  readResult: (input) => readAny(input),
  upcall: (servant, args) => servant.box(args[0]),
};

export const sampleDescriptor: InterfaceDescriptor = {
  repositoryId: "IDL:Sample:1.0",
  name: "Sample",
  bases: () => [],
  operations: [
    echoOperation,
    refuseOperation,
    parkOperation,
    fireOperation,
    sameOperation,
    boxOperation,
  ],
};

/** Options of one call. */
type Options = Parameters<typeof invoke>[3];

/** The client side. */
export const sample = {
  echo: (target: ObjectReference, text: string, options?: Options): Promise<string> =>
    invoke(target, echoOperation, [text], options),
  refuse: (target: ObjectReference, why: string, options?: Options): Promise<void> =>
    invoke(target, refuseOperation, [why], options),
  park: (target: ObjectReference, options?: Options): Promise<void> =>
    invoke(target, parkOperation, [], options),
  fire: (target: ObjectReference, amount: number, options?: Options): Promise<void> =>
    invoke(target, fireOperation, [amount], options),
  same: (
    target: ObjectReference,
    reference: ObjectReference | null,
  ): Promise<ObjectReference | null> => invoke(target, sameOperation, [reference]),
};

/** The client side of `box`. */
export const callBox = (target: ObjectReference, value: Any): Promise<Any> =>
  invoke(target, boxOperation, [value]);

/** A servant that remembers what it was asked. */
export class Sample extends Servant implements SampleServant {
  override readonly _descriptor: InterfaceDescriptor = sampleDescriptor;
  readonly calls: string[] = [];
  /** Ends calls of `park`. */
  readonly parked: (() => void)[] = [];
  /** Told about every call that begins. */
  onCall: (() => void) | undefined;

  #note(call: string): void {
    this.calls.push(call);
    this.onCall?.();
  }

  echo(text: string): string | Promise<string> {
    this.#note(`echo ${text.slice(0, 20)}`);
    return text;
  }

  refuse(why: string): void {
    this.#note(`refuse ${why}`);
    if (why === "crash") throw new TypeError("the servant's own mistake");
    throw new Refused({ why });
  }

  park(): Promise<void> {
    this.#note("park");
    return new Promise((resolve) => this.parked.push(resolve));
  }

  fire(amount: number): void {
    this.#note(`fire ${amount}`);
  }

  same(reference: ObjectReference | null): ObjectReference | null {
    this.#note("same");
    return reference;
  }

  box(value: Any): Any {
    this.#note("box");
    return value;
  }

  /** Settled when `count` calls have begun. */
  called(count: number): Promise<void> {
    if (this.calls.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.onCall = () => {
        if (this.calls.length >= count) resolve();
      };
    });
  }
}
