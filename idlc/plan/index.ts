export { OutputFile, RUNTIME } from "./file.ts";
export {
  ancestorsOf,
  type Coded,
  type CursorPrimitive,
  fieldsOf,
  type Form,
  formOf,
  hasOwnCodec,
  holderOf,
  isLocal,
  isNullable,
  isOctets,
  isText,
  isWide,
  membersOf,
  remoteBases,
  resolved,
  smallestOctets,
} from "./kinds.ts";
export { type Item, keyOf, Names } from "./names.ts";
export {
  accessorName,
  exceptionProperties,
  methodNames,
  parameterNames,
  stateProperties,
} from "./reserved.ts";
export { flavourOf, runtimeName } from "./runtime-types.ts";
export { isBare, type Scope, Scopes, type Sides } from "./scopes.ts";
export { arrow, call, literal, member, objectLiteral, objectType, quoted } from "./text.ts";
