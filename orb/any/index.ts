export { Any } from "./any.ts";
export { AnyValue } from "./any-value.ts";
export { deepAsMarshal } from "./errors.ts";
export { readAny, readValue, valueDescriptorOf } from "./read.ts";
export { ValueBox } from "./value-box.ts";
export { memberKey } from "./value-types.ts";
export { writeAny, writeValue } from "./write.ts";
