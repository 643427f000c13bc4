import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createBurner } from "./burner.ts";
import type { NativeBurner } from "./burner.ts";
import { createMutexes } from "./mutex.ts";
import type { NativeMutexes } from "./mutex.ts";
import type { RawAddon } from "./raw.ts";
import { createReactor } from "./reactor/index.ts";
import type { ReactorOptions, ReactorTransport } from "./reactor/index.ts";
import { createScheduler } from "./scheduler.ts";
import type { NativeScheduler } from "./scheduler.ts";
import { createSockets } from "./socket.ts";
import type { NativeSockets } from "./socket.ts";

/** What the addon gives. */
export interface NativeAddon {
  readonly scheduler: NativeScheduler;
  /** With priority inheritance. */
  readonly mutexes: NativeMutexes;
  readonly sockets: NativeSockets;
  readonly burner: NativeBurner;
  /** A transport by this thread's reactor. @throws NativeError when the system gives no epoll set */
  createReactor(options?: ReactorOptions): ReactorTransport;
}

type Loaded =
  | { readonly addon: NativeAddon; readonly fault?: never }
  | { readonly addon?: never; readonly fault: string };

/** Seen from `dist/native`. */
const BUILT = "../../native/build/Release/orb_native.node";

let loaded: Loaded | undefined;

/**
 * The addon of this thread, loaded at the first call; undefined where it is not built or the system is not
 * Linux: `nativeFault` says which. The environment's ORBWEAVER_NATIVE names another file, or is `off`.
 */
export function loadNative(): NativeAddon | undefined {
  loaded ??= load();
  return loaded.addon;
}

/** Why `loadNative` gives nothing, and what to do about it; undefined when it gives the addon. */
export function nativeFault(): string | undefined {
  loaded ??= load();
  return loaded.fault;
}

function load(): Loaded {
  const wish = process.env["ORBWEAVER_NATIVE"];
  if (wish === "off") return { fault: "switched off by ORBWEAVER_NATIVE=off" };
  if (process.platform !== "linux")
    return { fault: `the native addon is for Linux only, this is ${process.platform}` };
  const path = wish ?? fileURLToPath(new URL(BUILT, import.meta.url));
  if (!existsSync(path))
    return {
      fault: `${path} is not built: run "npm run build:native" (or "npm rebuild orbweaver")`,
    };
  try {
    const raw = createRequire(import.meta.url)(path) as RawAddon;
    const sockets = createSockets(raw.socket);
    return {
      addon: {
        scheduler: createScheduler(raw.sched),
        mutexes: createMutexes(raw.futex, raw.sched.threadId()),
        sockets,
        burner: createBurner(raw.burn),
        createReactor: (options) =>
          createReactor(
            raw.reactor,
            (descriptor, option, value) => sockets.set(descriptor, option, value),
            options,
          ),
      },
    };
  } catch (cause) {
    return { fault: `${path} cannot be loaded: ${String(cause)}` };
  }
}
