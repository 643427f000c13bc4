import type { CdrInput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";
import type { ValueHeader } from "./read-header.ts";
import { derivesFrom, type ValueDescriptor } from "./value-base.ts";

/** What a value is read as. */
export interface Choice {
  readonly type: ValueDescriptor;
  readonly create: () => object;
  /** Place among the types of the header; above 0 the value is truncated. */
  readonly index: number;
}

/** The type that was registered with the ORB. */
export function findType(input: CdrInput, repositoryId: string): ValueDescriptor | undefined {
  return input.context.findValue?.(repositoryId) as ValueDescriptor | undefined;
}

/** Of a peer's id no more is repeated: it may be as long as a message. */
const LONGEST_SHOWN_ID = 200;

/** The error for types of which none is known here. */
export function noFactory(input: CdrInput, ids: readonly string[]): Error {
  const shown = ids.slice(0, 5).map((id) => id.slice(0, LONGEST_SHOWN_ID));
  const text = `no factory for ${shown.join(", ")}; orb.registerValue makes one known`;
  return input.fault(text, MINOR.valueFactoryMissing);
}

export function wrongType(input: CdrInput, found: string, expected: string): Error {
  return input.fault(`a value of type ${found} where ${expected} is`, MINOR.wrongValueType);
}

/** Whether a value may stand where `formal` is declared. Of abstract value types instances do not tell. */
export function fits(type: ValueDescriptor, formal: ValueDescriptor | undefined): boolean {
  if (formal === undefined || formal.isAbstract === true) return true;
  return derivesFrom(type, formal.repositoryId);
}

/**
 * The first type of the header that is known here.
 * @param formal the declared type, which is known without being registered; undefined for ValueBase
 * @throws MARSHAL where none is known, with minor OMG 1; where it is not of `formal`; or where it takes
 *   truncation that the sender did not allow
 */
export function chooseType(
  input: CdrInput,
  header: ValueHeader,
  formal: ValueDescriptor | undefined,
): Choice {
  const ids = header.ids.length === 0 && formal ? [formal.repositoryId] : header.ids;
  if (ids.length === 0) {
    throw input.fault("a value of any type without its type", MINOR.badValueTag);
  }
  for (const [index, id] of ids.entries()) {
    const type = findType(input, id) ?? (formal?.repositoryId === id ? formal : undefined);
    if (type?.create === undefined) continue;
    if (!fits(type, formal)) throw wrongType(input, id, formal?.repositoryId ?? "");
    if (index > 0 && !header.isChunked) {
      throw input.fault(`${ids[0] ?? ""} without chunks cannot be truncated`, MINOR.badChunk);
    }
    return { type, create: type.create, index };
  }
  throw noFactory(input, ids);
}
