export { Any, readAny, writeAny } from "./any/index.ts";
export {
  CdrInput,
  CdrOutput,
  Fixed,
  LongDouble,
  type OperationContext,
  readArray,
  readContext,
  readEnum,
  readMap,
  readOctetArray,
  readSequence,
  type Unlisted,
  unlisted,
  writeArray,
  writeContext,
  writeEnum,
  writeMap,
  writeOctetArray,
  writeSequence,
} from "./cdr/index.ts";
export { BAD_PARAM, MARSHAL, MINOR, SystemException, UserException } from "./exception/index.ts";
export {
  type ClientOperation,
  type InterfaceDescriptor,
  invoke,
  type InvokeOptions,
  narrow,
  ObjectReference,
  type Operation,
  type Raises,
  readAbstract,
  readObject,
  readObjectAs,
  type ReferenceCore,
  type ServantOperation,
  type StubClass,
  uncheckedNarrow,
  writeObject,
} from "./object/index.ts";
export { Servant, tieServant } from "./poa/index.ts";
export { readTypeCode, tc, TypeCode, writeTypeCode } from "./typecode/index.ts";
export {
  type CustomValue,
  readBox,
  readValue,
  type StateStep,
  ValueBase,
  type ValueDescriptor,
  writeAbstract,
  writeBox,
  writeValue,
} from "./value/index.ts";
