export { Any } from "./any.ts";
export { AnyValue } from "./any-value.ts";
export { readAny, readValue, valueDescriptorOf } from "./read.ts";
export { ValueBox } from "./value-box.ts";
export { writeAny, writeValue } from "./write.ts";
