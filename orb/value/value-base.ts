import type { CdrInput, CdrOutput } from "../cdr/index.ts";

/** A member that is a value itself: written and read by the runtime, however deep they nest. */
export interface ValueStep {
  /** The property that holds it. */
  readonly member: string;
  /** Its declared type; undefined for ValueBase. */
  formal(): ValueDescriptor | undefined;
}

/** A member that is a sequence or an array of values. */
export interface ValuesStep {
  /** The property that holds them, as an Array. */
  readonly members: string;
  /** The declared type of the elements; undefined for ValueBase. */
  formal(): ValueDescriptor | undefined;
  /** Most elements of a sequence, 0 for no bound; left out for an array. */
  readonly bound?: number;
  /** How many an array has; left out for a sequence. */
  readonly length?: number;
}

/** Members that are no values: one or several in a row. */
export interface PlainStep {
  write(out: CdrOutput, v: object): void;
  read(input: CdrInput, v: object): void;
}

/** A part of a value's state. */
export type StateStep = ValueStep | ValuesStep | PlainStep;

/** What streams need to know of a value type. */
export interface ValueDescriptor {
  readonly repositoryId: string;
  /** IDL name, `M::V`. */
  readonly name: string;
  /** The concrete base, whose state comes first. */
  readonly base: (() => ValueDescriptor) | undefined;
  /** Receivers that know only the base may take it for one. */
  readonly isTruncatable: boolean;
  /** The instance itself writes and reads its state: {@link CustomValue}. */
  readonly isCustom: boolean;
  /** An abstract value type, which has no state and no instances of its own. */
  readonly isAbstract?: boolean;
  /** Writes the own members, not those of the base; needed where there are some and no `steps`. */
  writeState?(out: CdrOutput, v: object): void;
  /** Fills the own members of an instance. */
  readState?(input: CdrInput, v: object): void;
  /** The same in steps, which is how lists and trees nest without limit; used instead where it is given. */
  readonly steps?: () => readonly StateStep[];
  /** Makes an instance to be filled; undefined where only a class of the user's can. */
  readonly create: (() => object) | undefined;
  /** Of a value box, which has no state but its content. */
  readonly boxed?: BoxedContent;
}

/** The content of a value box, and the box as a value of its own, for places that take any value. */
export interface BoxedContent {
  write(out: CdrOutput, content: unknown): void;
  read(input: CdrInput): unknown;
  wrap(content: unknown): object;
  open(box: object): unknown;
}

function isOrInherits(type: ValueDescriptor, sought: unknown): boolean {
  for (let t: ValueDescriptor | undefined = type; t !== undefined; t = t.base?.()) {
    if (t === sought) return true;
  }
  return false;
}

/**
 * The base of all classes for value types. Those of derived types need not extend those of their bases:
 * `instanceof` goes by what the static `descriptor` of a class says.
 */
export abstract class ValueBase {
  /** Internal: the type, as streams see it. */
  abstract readonly _value: ValueDescriptor;

  static [Symbol.hasInstance](v: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, v)) return true;
    if (this === ValueBase || !Object.hasOwn(this, "descriptor")) return false;
    return v instanceof ValueBase && isOrInherits(v._value, Reflect.get(this, "descriptor"));
  }
}

/** What instances of custom value types bring along. */
export interface CustomValue {
  marshal(out: CdrOutput): void;
  unmarshal(input: CdrInput): void;
}

export function isValueStep(step: StateStep): step is ValueStep {
  return "member" in step;
}

export function isValuesStep(step: StateStep): step is ValuesStep {
  return "members" in step;
}

const steps: WeakMap<ValueDescriptor, readonly StateStep[]> = new WeakMap();

function stepsOf(type: ValueDescriptor): readonly StateStep[] {
  return (
    type.steps?.() ?? [
      {
        write: (out, v) => type.writeState?.(out, v),
        read: (input, v) => type.readState?.(input, v),
      },
    ]
  );
}

/** The state of a value type with that of its bases, the root's first. */
export function stateOf(type: ValueDescriptor): readonly StateStep[] {
  const known = steps.get(type);
  if (known !== undefined) return known;
  const base = type.base?.();
  const state = base === undefined ? stepsOf(type) : [...stateOf(base), ...stepsOf(type)];
  steps.set(type, state);
  return state;
}

/** Whether instances of `type` are instances of the type `repositoryId`, as far as concrete bases tell. */
export function derivesFrom(type: ValueDescriptor, repositoryId: string): boolean {
  for (let t: ValueDescriptor | undefined = type; t !== undefined; t = t.base?.()) {
    if (t.repositoryId === repositoryId) return true;
  }
  return false;
}
