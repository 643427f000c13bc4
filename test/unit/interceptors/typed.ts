import {
  type CdrInput,
  type CdrOutput,
  type InterfaceDescriptor,
  invoke,
  type ObjectReference,
  type Operation,
  type OperationContext,
  type PollerOf,
  type Raises,
  readContext,
  sendp,
  Servant,
  tc,
  type TypeCode,
  UserException,
  writeContext,
} from "../../../orb/generated.ts";

/** Two operations whose types are known, written by hand: all modes, a context, an exception. */

export class Odd extends UserException {
  static readonly repositoryId: string = "IDL:Typed/Odd:1.0";
  override readonly repositoryId: string = Odd.repositoryId;
  readonly number: number;

  constructor(members: { readonly number: number }) {
    super(`odd: ${members.number}`);
    this.number = members.number;
  }
}

export const oddType: TypeCode = tc.exception(Odd.repositoryId, "Odd", () => [["number", tc.long]]);

const odd: Raises = {
  type: Odd,
  write: (out: CdrOutput, e: UserException) => out.long((e as Odd).number),
  read: (input: CdrInput) => new Odd({ number: input.long() }),
};

interface MixResult {
  readonly result: number;
  readonly both: string;
  readonly back: number;
}

type MixArguments = readonly [number, string, OperationContext];

/** `long mix(in long number, inout string both, out long back) raises (Odd) context ("who", "mood*")` */
const MIX: Operation<TypedServant, MixArguments, MixResult> = {
  name: "mix",
  writeArguments: (out, [number, both, context]) => {
    out.long(number).string(both);
    writeContext(out, context, ["who", "mood*"]);
  },
  readArguments: (input) => [input.long(), input.string(), readContext(input)],
  writeResult: (out, { result, both, back }) => out.long(result).string(both).long(back),
  readResult: (input) => ({ result: input.long(), both: input.string(), back: input.long() }),
  upcall: (servant, [number, both]) => servant.mix(number, both),
  raises: () => [odd],
  types: () => ({
    parameters: [
      { name: "number", mode: "PARAM_IN", type: tc.long },
      { name: "both", mode: "PARAM_INOUT", type: tc.string() },
      { name: "back", mode: "PARAM_OUT", type: tc.long },
    ],
    result: tc.long,
    exceptions: [oddType],
    contexts: ["who", "mood*"],
  }),
};

/** `oneway void tell(in long number)` */
const TELL: Operation<TypedServant, readonly [number], void> = {
  name: "tell",
  oneway: true,
  writeArguments: (out, [number]) => out.long(number),
  readArguments: (input) => [input.long()],
  writeResult: () => undefined,
  readResult: () => undefined,
  upcall: (servant, [number]) => servant.tell(number),
  types: () => ({
    parameters: [{ name: "number", mode: "PARAM_IN", type: tc.long }],
    result: tc.void,
    exceptions: [],
    contexts: [],
  }),
};

const typedDescriptor: InterfaceDescriptor = {
  repositoryId: "IDL:Typed:1.0",
  name: "Typed",
  bases: () => [],
  operations: [MIX, TELL],
};

/** The context that travels with `mix`; `age` does not. */
export const CONTEXT: OperationContext = { who: "me", mood: "calm", moodAt: "noon", age: "9" };

function nobody(): Promise<void> {
  return Promise.resolve();
}

export const typed = {
  mix: (target: ObjectReference, number: number, both: string): Promise<MixResult> =>
    invoke(target, MIX, [number, both, CONTEXT]),
  poll: (
    target: ObjectReference,
    number: number,
    both: string,
  ): PollerOf<"mix", MixResult, unknown> =>
    sendp(target, MIX, [number, both, CONTEXT], "mix", nobody, nobody),
  tell: (target: ObjectReference, number: number): Promise<void> => invoke(target, TELL, [number]),
};

/** Answers with the double, and refuses odd numbers. */
export class TypedServant extends Servant {
  override readonly _descriptor: InterfaceDescriptor = typedDescriptor;
  /** Runs inside each call. */
  onCall: () => void = () => undefined;

  mix(number: number, both: string): MixResult {
    this.onCall();
    if (number % 2 === 1) throw new Odd({ number });
    return { result: number * 2, both: `${both}!`, back: -number };
  }

  tell(_number: number): void {
    this.onCall();
  }
}
