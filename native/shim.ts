import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Seen from `dist/native`. */
const BUILT = "../../native/build/Release/mead_shim.so";

/**
 * The library that moves existing C and C++ clients to another replica, to be named in their LD_PRELOAD; undefined
 * where it is not built. `docs/fail-over.md` says what it does.
 */
export function shimPath(): string | undefined {
  const path = fileURLToPath(new URL(BUILT, import.meta.url));
  return existsSync(path) ? path : undefined;
}
