export { GROUP_CONTROL_KEY, type GroupControlOptions, serveGroupControl } from "./serve.ts";
export * as GroupControl from "./gen/GroupControl.ts";
