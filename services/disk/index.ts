export { checkLmdbFile } from "./lmdb-file.ts";
export { checkSum, withSum } from "./sums.ts";
