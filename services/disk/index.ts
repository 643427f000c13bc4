export { checkLmdbFile } from "./lmdb-file.ts";
export { hashed, type Key, OwnedFile, type Records, textOf } from "./owned-file.ts";
export { checkSum, withSum } from "./sums.ts";
