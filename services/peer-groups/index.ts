export {
  GROUPS_OPTIONS,
  type GroupsTable,
  replicationTable,
  type ReplicationTable,
} from "./options.ts";
export { PeerGroups, type PeerGroupsOptions, type Spreading } from "./peer-groups.ts";
export { GROUPS_ATTRIBUTE, type SitePlace, sitesIn } from "./sites.ts";
