export { Any, readAny, writeAny } from "./any/index.ts";
export {
  CdrInput,
  CdrOutput,
  readArray,
  readEnum,
  readOctetArray,
  readSequence,
  writeArray,
  writeEnum,
  writeOctetArray,
  writeSequence,
} from "./cdr/index.ts";
export { BAD_PARAM, MARSHAL, MINOR, SystemException, UserException } from "./exception/index.ts";
export {
  type InterfaceDescriptor,
  invoke,
  type InvokeOptions,
  narrow,
  ObjectReference,
  type Operation,
  type Raises,
  readObject,
  readObjectAs,
  type ReferenceCore,
  type StubClass,
  uncheckedNarrow,
  writeObject,
} from "./object/index.ts";
export { Servant, tieServant } from "./poa/index.ts";
export { readTypeCode, tc, TypeCode, writeTypeCode } from "./typecode/index.ts";
