export {
  type Check,
  type Checks,
  describe,
  type Fail,
  integer,
  isTable,
  listOf,
  oneOf,
  saying,
  someOf,
  table,
  text,
  truth,
  unknownKey,
  whole,
} from "./checks.ts";
export { nearest } from "./nearest.ts";
export {
  checksOf,
  type Option,
  type Options,
  type Section,
  standardOf,
  tableOf,
} from "./option.ts";
export { host, hostPort, hostPorts } from "./places.ts";
export { helpText, markdownText } from "./text.ts";
