export { Any } from "./any.ts";
export { AnyValue } from "./any-value.ts";
export { converted } from "./convert.ts";
export { deepAsMarshal } from "./errors.ts";
export { getMember, setMember } from "./members.ts";
export { readAny, readValue, valueDescriptorOf } from "./read.ts";
export { ValueBox } from "./value-box.ts";
export {
  type StructMember,
  TypeCodeFactory,
  type UnionMember,
  type ValueMember,
} from "./type-code-factory.ts";
export { memberKey } from "./value-types.ts";
export { writeAny, writeValue } from "./write.ts";
