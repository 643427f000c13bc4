export { fromJson, type FromJsonOptions, isTextual } from "./from-json.ts";
export { type Json, JsonError } from "./shape.ts";
export { toJson, type ToJsonOptions } from "./to-json.ts";
export { typeToJson } from "./type-json.ts";
