export { OutputFile, RUNTIME } from "./file.ts";
export {
  customOf,
  fieldsOf,
  interfacesOf,
  membersOf,
  stateOf,
  supportedBy,
  valuesOf,
} from "./inherited.ts";
export {
  type Coded,
  type CursorPrimitive,
  type Form,
  formOf,
  hasOwnCodec,
  holderOf,
  isLocal,
  isNullable,
  isOctets,
  isText,
  isWide,
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
