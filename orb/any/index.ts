export { Any } from "./any.ts";
export { AnyValue } from "./any-value.ts";
export { readAny, readValue } from "./read.ts";
export { writeAny, writeValue } from "./write.ts";
