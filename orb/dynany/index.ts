export { DynEnum, DynFixed } from "./dyn-basic.ts";
export { DynArray, DynSequence } from "./dyn-list.ts";
export { DynStruct, type NameDynAnyPair, type NameValuePair } from "./dyn-struct.ts";
export { DynUnion } from "./dyn-union.ts";
export { DynValue, type DynValueCommon } from "./dyn-value.ts";
export { DynValueBox } from "./dyn-value-box.ts";
export { DynAny } from "./dynany.ts";
export { DynAnyFactory } from "./factory.ts";
