export { GroupStoreError, LmdbGroupStores } from "./lmdb-group-stores.ts";
