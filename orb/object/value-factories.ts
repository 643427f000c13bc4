import { AnyValue, ValueBox, valueDescriptorOf } from "../any/index.ts";
import { BAD_PARAM, MINOR } from "../exception/index.ts";
import { TypeCode } from "../typecode/index.ts";
import { ValueBase, type ValueDescriptor } from "../value/index.ts";

/** Makes an instance of a value type, to be filled with the state that was received. */
export type ValueFactory = () => ValueBase;

function problem(text: string): BAD_PARAM {
  return new BAD_PARAM(text, MINOR.valueFactoryProblem);
}

/** The type of what a factory makes, as streams see it. */
function typeOf(made: unknown, repositoryId: string): ValueDescriptor {
  if (!(made instanceof ValueBase)) {
    throw problem(`the factory for ${repositoryId} makes a ${typeof made}, no value`);
  }
  const isByTypeCode = made instanceof AnyValue || made instanceof ValueBox;
  const type = isByTypeCode ? valueDescriptorOf(made._type) : made._value;
  if (type.repositoryId === repositoryId) return type;
  throw problem(`the factory for ${repositoryId} makes values of ${type.repositoryId}`);
}

/** A registered type, and who makes its instances. */
interface Registered {
  readonly type: ValueDescriptor;
  readonly factory: () => object;
}

/** The value types that an ORB knows beyond those that signatures name (CORBA 3.3 Part 1, 9.3 and 8). */
export class ValueFactories {
  readonly #known: Map<string, Registered> = new Map();

  /**
   * @param create makes an instance; needed where the descriptor has no way to
   * @throws BAD_PARAM minor OMG 1 where neither can
   */
  add(type: ValueDescriptor | TypeCode, create?: () => object): void {
    const described = type instanceof TypeCode ? valueDescriptorOf(type) : type;
    const factory = create ?? described.create;
    if (factory === undefined) {
      throw problem(`${described.name} has operations: give a function that makes an instance`);
    }
    const { repositoryId } = described;
    this.#known.set(repositoryId, { type: { ...described, create: factory }, factory });
  }

  /**
   * Registers by repository id alone. The factory is asked for one instance at once, which tells the type.
   * @returns the factory that stood there before
   * @throws BAD_PARAM minor OMG 1 for a factory of other values or of none
   */
  register(repositoryId: string, factory: ValueFactory): (() => object) | undefined {
    if (typeof factory !== "function") {
      throw problem(`the factory for ${repositoryId} is a ${typeof factory}, no function`);
    }
    const before = this.#known.get(repositoryId)?.factory;
    const type = typeOf(factory(), repositoryId);
    this.#known.set(repositoryId, { type: { ...type, create: factory }, factory });
    return before;
  }

  /** @throws BAD_PARAM minor OMG 1 where the type is not registered */
  remove(repositoryId: string): void {
    if (!this.#known.delete(repositoryId)) throw problem(`${repositoryId} was not registered`);
  }

  /** @throws BAD_PARAM minor OMG 1 where the type is not registered */
  lookup(repositoryId: string): () => object {
    const known = this.#known.get(repositoryId);
    if (known === undefined) throw problem(`${repositoryId} was not registered`);
    return known.factory;
  }

  find(repositoryId: string): ValueDescriptor | undefined {
    return this.#known.get(repositoryId)?.type;
  }
}
