import { type FSWatcher, watch as watchFolder } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** Tells of changes in folders. */
export interface FolderWatcher extends Disposable {
  /** Sets the folders to be watched, those of before no longer. */
  follow(folders: ReadonlySet<string>): void;
}

/** Editors write a file in several steps: milliseconds from the first change until it is looked at. */
const SETTLE_MS = 50;

/** Watches the file system; changes that come together are told together. */
export function diskWatcher(changed: (paths: ReadonlySet<string>) => void): FolderWatcher {
  const watchers = new Map<string, FSWatcher>();
  let pending = new Set<string>();
  const note = (path: string): void => {
    if (pending.size === 0) {
      setTimeout(() => {
        const paths = pending;
        pending = new Set();
        changed(paths);
      }, SETTLE_MS);
    }
    pending.add(path);
  };
  const stop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  return {
    follow: (folders) => {
      for (const folder of watchers.keys()) if (!folders.has(folder)) stop(folder);
      for (const folder of folders) {
        if (watchers.has(folder)) continue;
        const watcher = watchFolder(folder, (_event, name) => {
          if (name !== null) note(join(folder, name));
        });
        // A folder that is removed: its files are missing at the next compilation.
        watcher.on("error", () => stop(folder));
        watchers.set(folder, watcher);
      }
    },
    [Symbol.dispose]: () => {
      for (const folder of watchers.keys()) stop(folder);
    },
  };
}

export function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  return new Set([...paths].map((path) => dirname(normalize(path))));
}
