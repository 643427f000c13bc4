export {
  type BoxedContent,
  type CustomValue,
  derivesFrom,
  type PlainStep,
  type StateStep,
  ValueBase,
  type ValueDescriptor,
  type ValuesStep,
  type ValueStep,
} from "./value-base.ts";
export { readAbstract, readBox, readValue } from "./read.ts";
export { MAX_VALUES } from "./tables.ts";
export { writeAbstract, writeBox, writeValue } from "./write.ts";
