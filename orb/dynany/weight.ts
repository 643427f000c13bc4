import { IMP_LIMIT, Completion, MINOR } from "../exception/index.ts";
import { type TypeCode, typeName } from "../typecode/index.ts";

/** Most parts an initial value may have: a TypeCode of few octets, such as a peer sends, can ask for any number. */
export const MOST_INITIAL_PARTS: number = 1 << 22;

const known: WeakMap<TypeCode, number> = new WeakMap();

function measure(plain: TypeCode): number {
  switch (plain.kind() as string) {
    case "tk_struct":
    case "tk_except":
      return plain.members().reduce((sum, { type }) => sum + weightOf(type), 1);
    case "tk_union":
      return plain.members().reduce((most, { type }) => Math.max(most, weightOf(type)), 1) + 1;
    case "tk_array":
      return 1 + plain.length() * weightOf(plain.content_type());
    default:
      return 1;
  }
}

/** How many parts an initial value has, at most; sequences are empty then and values null. */
function weightOf(type: TypeCode): number {
  const plain = type.unaliased();
  const before = known.get(plain);
  if (before !== undefined) return before;
  const weight = measure(plain);
  known.set(plain, weight);
  return weight;
}

/** @throws IMP_LIMIT for a type whose initial value has more parts than {@link MOST_INITIAL_PARTS} */
export function checkWeight(type: TypeCode): void {
  if (weightOf(type) <= MOST_INITIAL_PARTS) return;
  const text = `the initial value of ${typeName(type)} has more than ${MOST_INITIAL_PARTS} parts`;
  throw new IMP_LIMIT(text, MINOR.none, Completion.no);
}
