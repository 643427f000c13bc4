export {
  type Arguments,
  type OptionTable,
  type ParsedArguments,
  parseOwn,
  readArguments,
  readSeconds,
  splitOrbArguments,
} from "./arguments.ts";
export { type Command, type Surroundings, UsageError } from "./command.ts";
