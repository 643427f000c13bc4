import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Where LMDB's two meta pages have what: offsets in a page (lmdb.h of the package's version 2 of the format). */
const MAGIC_AT = 24;
const MAGIC = 0xbeef_c0de;
const VERSION = 2;
const PAGE_SIZE_AT = MAGIC_AT + 24;
const LAST_PAGE_AT = MAGIC_AT + 120;
const TRANSACTION_AT = MAGIC_AT + 128;
const META_OCTETS = TRANSACTION_AT + 8;
const META_PAGES = 2;

interface Meta {
  readonly pageSize: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/**
 * Looks whether a file is one that LMDB can open. LMDB itself does not look: it maps the file, and a process that
 * touches what is not there ends.
 * @throws Error saying what is wrong
 */
export function checkLmdbFile(file: string): void {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    // A file that was made and not yet written to: LMDB begins anew.
    if (size === 0) return;
    const first = readMeta(handle, 0);
    const second = readMeta(handle, first.pageSize);
    const { lastPage, pageSize } = second.transaction > first.transaction ? second : first;
    const needed = (lastPage + 1n) * BigInt(pageSize);
    if (BigInt(size) < needed)
      throw new Error(`it was cut short: ${size} octets instead of ${needed}`);
    if (size < META_PAGES * pageSize) throw new Error("it was cut short");
  } finally {
    closeSync(handle);
  }
}

function readMeta(handle: number, at: number): Meta {
  const octets = Buffer.alloc(META_OCTETS);
  const count = readSync(handle, octets, 0, META_OCTETS, at);
  if (count < META_OCTETS || octets.readUInt32LE(MAGIC_AT) !== MAGIC)
    throw new Error("it is no LMDB file");
  const version = octets.readUInt32LE(MAGIC_AT + 4);
  if (version !== VERSION) throw new Error(`its LMDB format is ${version}, known is ${VERSION}`);
  return {
    pageSize: octets.readUInt32LE(PAGE_SIZE_AT),
    lastPage: octets.readBigUInt64LE(LAST_PAGE_AT),
    transaction: octets.readBigUInt64LE(TRANSACTION_AT),
  };
}
