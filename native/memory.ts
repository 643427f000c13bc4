import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { NativeError } from "./error.ts";
import type { RawSched } from "./raw.ts";
import { grant, raise } from "./rights.ts";

/** A piece of the address space. */
interface Mapping {
  readonly start: number;
  readonly octets: number;
}

/**
 * What is locked: files (the program, its libraries, the addon), the C heap and the main thread's stack. Left out is
 * memory without a name, V8's heaps among it: V8 gives pages of it back by `madvise`, which the kernel refuses for
 * locked ones, and then V8 ends the process. All of it, or what comes later (`mlockall`), cannot be locked, therefore.
 */
function mappings(): readonly Mapping[] {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  return lines.flatMap((line) => {
    const found = /^([0-9a-f]+)-([0-9a-f]+) (r|-)\S+ \S+ \S+ \d+ +(\/|\[heap\]|\[stack\])/u.exec(
      line,
    );
    if (found === null || found[3] !== "r") return [];
    const start = Number.parseInt(found[1] ?? "", 16);
    return [{ start, octets: Number.parseInt(found[2] ?? "", 16) - start }];
  });
}

/** @throws NativeError ENOMEM or EPERM where the right is missing; nothing is locked then */
export function lockMemory(raw: RawSched): void {
  for (const mapping of mappings()) {
    const result = raw.lockMemory(mapping.start, mapping.octets);
    // It may have gone since, as the file of a closed addon.
    if (result >= 0 || !isThere(mapping)) continue;
    raw.unlockMemory();
    throw new NativeError("mlock2", -result, "memory of this process", rightFor(-result));
  }
}

function isThere({ start, octets }: Mapping): boolean {
  return mappings().some(
    (other) => other.start <= start && start + octets <= other.start + other.octets,
  );
}

function rightFor(errno: number): string | undefined {
  if (errno !== constants.errno.ENOMEM && errno !== constants.errno.EPERM) return undefined;
  return `CAP_IPC_LOCK or an unlimited RLIMIT_MEMLOCK is missing; now: ${raise("memlock", "unlimited")}; for good: ${grant("CAP_IPC_LOCK")}`;
}
