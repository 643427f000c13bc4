import { Any, DynAny, DynAnyFactory, tc, type TypeCode } from "../../../orb/index.ts";

export const factory: DynAnyFactory = new DynAnyFactory();
export const Colour: TypeCode = tc.enum("IDL:M/Colour:1.0", "Colour", ["red", "green", "blue"]);
export const Point: TypeCode = tc.struct("IDL:M/Point:1.0", "Point", () => [
  ["x", tc.long],
  ["name", tc.string(5)],
]);
export const Nested: TypeCode = tc.struct("IDL:M/Nested:1.0", "Nested", () => [
  ["at", Point],
  ["tint", Colour],
]);

/** A DynAny of the class that the type is to have: with the initial value, or with `value`. */
export function make<D extends DynAny>(
  type: TypeCode,
  as: abstract new (...of: never[]) => D,
  value?: unknown,
): D {
  const made =
    value === undefined
      ? factory.create_dyn_any_from_type_code(type)
      : factory.create_dyn_any(new Any(type, value));
  if (made instanceof as) return made;
  throw new TypeError(`${made.constructor.name} is no ${as.name}`);
}
