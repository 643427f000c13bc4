export {
  type StructMember,
  tc,
  type TypeCodeConstants,
  type TypeCodeFactories,
  type UnionMember,
  type ValueMember,
} from "./build.ts";
export { TypeCodeBadKind, TypeCodeBounds } from "./errors.ts";
export {
  type EmptyKind,
  kindFromOrdinal,
  kindToOrdinal,
  type NamedKind,
  TC_KINDS,
  type TCKind,
} from "./kind.ts";
export { readTypeCode } from "./read.ts";
export { typeName, typeText } from "./text.ts";
export {
  keyOf,
  type Label,
  type Lazy,
  type Member,
  TypeCode,
  type TypeCodeParts,
} from "./typecode.ts";
export { writeTypeCode } from "./write.ts";
