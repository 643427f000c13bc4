export {
  GROUP_CONTROL_KEY,
  type GroupControlOptions,
  groupStatus,
  serveGroupControl,
} from "./serve.ts";
export * as GroupControl from "./gen/GroupControl.ts";
