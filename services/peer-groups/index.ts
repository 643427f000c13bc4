export {
  GROUPS_OPTIONS,
  type GroupsTable,
  replicationTable,
  type ReplicationTable,
} from "./options.ts";
export { PeerGroups, type PeerGroupsOptions, type Spreading } from "./peer-groups.ts";
export {
  type ReplicaShare,
  type Reserved,
  type Reserver,
  reserveReplica,
} from "./admission.ts";
export {
  bestSites,
  findSites,
  type SiteCard,
  SiteNotice,
  type SiteNoticeOptions,
  type SitePlace,
} from "./sites.ts";
export { type Placing, stepOf } from "./steps.ts";
