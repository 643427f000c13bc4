import type { TCKind } from "./kind.ts";

interface ComparableMember {
  readonly name: string;
  readonly type: Comparable;
  readonly label?: unknown;
  readonly visibility?: number;
}

/** What comparison asks of a TypeCode. */
export interface Comparable {
  kind(): TCKind;
  hasId(): boolean;
  id(): string;
  name(): string;
  length(): number;
  fixed_digits(): number;
  fixed_scale(): number;
  enumerators(): readonly string[];
  ordinalOf(key: string): number;
  members(): readonly ComparableMember[];
  content_type(): Comparable;
  discriminator_type(): Comparable;
  default_index(): number;
  type_modifier(): number;
  concrete_base_type(): Comparable | null;
  unaliased(): Comparable;
}

/** Pairs already met: a pair under comparison is taken as the same, which ends recursion. */
type Met = Map<Comparable, Set<Comparable>>;

function meetAgain(met: Met, a: Comparable, b: Comparable): boolean {
  const others = met.get(a);
  if (others === undefined) met.set(a, new Set([b]));
  else if (others.has(b)) return true;
  else others.add(b);
  return false;
}

function sameMembers(
  a: readonly ComparableMember[],
  b: readonly ComparableMember[],
  exact: boolean,
  met: Met,
): boolean {
  if (a.length !== b.length) return false;
  return a.every((m, i) => {
    const n = b[i];
    if (n === undefined) return false;
    if (exact && m.name !== n.name) return false;
    if (m.visibility !== n.visibility) return false;
    return same(m.type, n.type, exact, met);
  });
}

/** Labels of an enum count by their place: what they are called is not of the value. */
function labelsOf(union: Comparable): readonly unknown[] {
  const type = union.discriminator_type().unaliased();
  return union.members().map(({ label }, i) => {
    if (i === union.default_index()) return undefined;
    return type.kind() === "tk_enum" ? type.ordinalOf(String(label)) : label;
  });
}

function sameLabels(a: Comparable, b: Comparable): boolean {
  const others = labelsOf(b);
  return labelsOf(a).every((label, i) => label === others[i]);
}

function sameEnumerators(a: Comparable, b: Comparable, exact: boolean): boolean {
  const names = a.enumerators();
  const others = b.enumerators();
  return names.length === others.length && (!exact || names.every((name, i) => name === others[i]));
}

function sameBase(a: Comparable | null, b: Comparable | null, exact: boolean, met: Met): boolean {
  return a === null || b === null ? a === b : same(a, b, exact, met);
}

function sameParts(a: Comparable, b: Comparable, exact: boolean, met: Met): boolean {
  const kind = a.kind();
  switch (kind as string) {
    case "tk_string":
    case "tk_wstring":
      return a.length() === b.length();
    case "tk_fixed":
      return a.fixed_digits() === b.fixed_digits() && a.fixed_scale() === b.fixed_scale();
    case "tk_sequence":
    case "tk_array":
      return a.length() === b.length() && same(a.content_type(), b.content_type(), exact, met);
    case "tk_alias":
    case "tk_value_box":
      return same(a.content_type(), b.content_type(), exact, met);
    case "tk_enum":
      return sameEnumerators(a, b, exact);
    case "tk_struct":
    case "tk_except":
      return sameMembers(a.members(), b.members(), exact, met);
    case "tk_union":
      return (
        a.default_index() === b.default_index() &&
        same(a.discriminator_type(), b.discriminator_type(), exact, met) &&
        sameLabels(a, b) &&
        sameMembers(a.members(), b.members(), exact, met)
      );
    case "tk_value":
    case "tk_event":
      return (
        a.type_modifier() === b.type_modifier() &&
        sameBase(a.concrete_base_type(), b.concrete_base_type(), exact, met) &&
        sameMembers(a.members(), b.members(), exact, met)
      );
    default:
      return true;
  }
}

function same(left: Comparable, right: Comparable, exact: boolean, met: Met): boolean {
  const a = exact ? left : left.unaliased();
  const b = exact ? right : right.unaliased();
  if (a === b) return true;
  if (a.kind() !== b.kind()) return false;
  if (meetAgain(met, a, b)) return true;
  const aId = a.hasId() ? a.id() : "";
  const bId = b.hasId() ? b.id() : "";
  if (exact) {
    if (aId !== bId) return false;
    if (a.hasId() && a.name() !== b.name()) return false;
  } else if (aId !== "" && bId !== "") return aId === bId;
  return sameParts(a, b, exact, met);
}

/** True when every operation of both gives the same (CORBA 3.3 Part 1, TypeCode::equal). */
export function equalTypeCodes(a: Comparable, b: Comparable): boolean {
  return same(a, b, true, new Map());
}

/** True when values of one are values of the other: aliases and names do not count (TypeCode::equivalent). */
export function equivalentTypeCodes(a: Comparable, b: Comparable): boolean {
  return same(a, b, false, new Map());
}
