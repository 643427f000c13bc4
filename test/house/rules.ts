import {
  BARE,
  BELONGS,
  ENTRIES,
  FLAT,
  INSIDE,
  PURE,
  SIDE_DOORS,
  TOP,
  TOP_EXTRA,
} from "./floors.ts";
import type { HouseFile, Import } from "./reading.ts";

/** Code lines (neither blank nor comment) a hand-written file may have; tests may have more. */
export const MOST_CODE_LINES: number = 500;
export const MOST_TEST_LINES: number = 800;
/** Source files a folder may hold, its `index.ts` not counted: about 15. */
export const MOST_FILES: number = 18;

/** A rule names what breaks it, one line each: `file -> what`. */
export type Rule = (files: readonly HouseFile[]) => readonly string[];

/** `orb/giop/v12.ts` → `orb`. */
export function topOf(path: string): string {
  return path.split("/", 1)[0] ?? "";
}

/** `orb/giop/v12.ts` → `giop`; a file of the top folder itself is its own floor: `orb/index.ts` → `index.ts`. */
export function floorOf(path: string): string {
  return path.split("/", 2)[1] ?? "";
}

/** `orb/ior/components/code-sets.ts` → `orb/ior`; `native/load.ts` → `native`. */
function folderOf(path: string): string {
  return FLAT.includes(topOf(path)) ? topOf(path) : path.split("/", 2).join("/");
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

function isGenerated(path: string): boolean {
  return /\/(?:gen|golden)\//.test(path);
}

/** Imports that stay in the repository. */
function inHouse(found: Import): boolean {
  return topOf(found.target) in TOP && found.target.includes("/");
}

function eachImport(check: (file: HouseFile, found: Import) => string | undefined): Rule {
  return (files) =>
    files.flatMap((file) =>
      file.imports.flatMap((found) => {
        const fault = check(file, found);
        return fault === undefined ? [] : [`${file.path} -> ${fault}`];
      }),
    );
}

/** Top folders import lower top folders only. */
export const topFloors: Rule = eachImport((file, found) => {
  const [from, to] = [topOf(file.path), topOf(found.target)];
  if (!inHouse(found) || from === to) return undefined;
  const lower = [...(TOP[from] ?? []), ...(TOP_EXTRA[folderOf(file.path)] ?? [])];
  return lower.includes(to) ? undefined : found.target;
});

/** Inside a top folder, floors import lower floors only. A floor that the table lacks is a fault too. */
export const innerFloors: Rule = (files) => {
  const unknown = files.flatMap(({ path }) => {
    const floors = INSIDE[topOf(path)];
    return floors === undefined || floorOf(path) in floors
      ? []
      : [`${path} -> no floor for ${folderOf(path)}`];
  });
  const wrong = eachImport((file, found) => {
    const floors = INSIDE[topOf(file.path)];
    if (floors === undefined || topOf(found.target) !== topOf(file.path)) return undefined;
    const [from, to] = [floorOf(file.path), floorOf(found.target)];
    return from === to || floors[from]?.includes(to) === true ? undefined : found.target;
  });
  return [...unknown, ...wrong(files)];
};

/** Another folder is entered through its `index.ts`; another top folder through an entry of the package. */
export const throughIndex: Rule = eachImport((file, found) => {
  const [from, to] = [folderOf(file.path), folderOf(found.target)];
  if (!inHouse(found) || from === to) return undefined;
  // The tests' own folders and generated modules have no index of their own.
  if (topOf(found.target) === "test" || isGenerated(found.target)) return undefined;
  if (topOf(found.target) === "examples") return undefined;
  if (ENTRIES.includes(found.target)) return undefined;
  if (!found.target.endsWith("/index.ts") || found.target.split("/").length > 3)
    return found.target;
  const door = SIDE_DOORS[to];
  const outside = topOf(file.path) !== topOf(found.target) && topOf(file.path) !== "test";
  const inner = topOf(found.target) === "orb" && found.target !== "orb/index.ts";
  if (outside && inner && !(door !== undefined && isWithin(file.path, door))) return found.target;
  return undefined;
});

/** An `index.ts` holds `export … from` lines only. */
export const indexOnlyExports: Rule = (files) =>
  files
    .filter(({ path }) => path.endsWith("/index.ts") && !isGenerated(path))
    .filter(({ path }) => topOf(path) !== "test" && topOf(path) !== "examples")
    // The compiler's entry is code: it reaches the emitter by import().
    .filter(({ path }) => path !== "idlc/index.ts")
    .flatMap(({ path, ownStatements }) => ownStatements.map((text) => `${path} -> ${text}`));

/** Sockets, TOML and ts-morph are touched in one place each. */
export const belongings: Rule = eachImport((file, found) => {
  const home = BELONGS[found.specifier];
  return home === undefined || isWithin(file.path, home) ? undefined : found.specifier;
});

/** `orb` and `native` import no package. */
export const noPackages: Rule = eachImport((file, found) => {
  if (!isWithin(file.path, BARE) || found.specifier.startsWith("node:") || inHouse(found))
    return undefined;
  return found.target;
});

/** Checking IDL never loads ts-morph: the emitter is reached by `import()` or for its types. */
export const emitterIsDeferred: Rule = eachImport((file, found) => {
  if (folderOf(found.target) !== "idlc/emit" || folderOf(file.path) === "idlc/emit")
    return undefined;
  return found.deferred || topOf(file.path) === "test" ? undefined : found.target;
});

/** Cursors and codecs know no promise, no timer and no socket. */
export const pureFolders: Rule = (files) =>
  files
    .filter(({ path, usesPromises }) => isWithin(path, PURE) && usesPromises)
    .map(({ path }) => `${path} -> promise or timer`);

/** What nothing but `AbortSignal.any` holds is collected, and never fires (Node.js 20): limits are made with a timer. */
export const limitsFire: Rule = (files) =>
  files
    .filter(({ hasLooseLimit }) => hasLooseLimit)
    .map(({ path }) => `${path} -> AbortSignal.timeout in AbortSignal.any`);

/** Files stay short. */
export const fileSizes: Rule = (files) =>
  files.flatMap(({ path, codeLines }) => {
    const most = path.endsWith(".test.ts") ? MOST_TEST_LINES : MOST_CODE_LINES;
    return isGenerated(path) || codeLines <= most ? [] : [`${path} -> ${codeLines} code lines`];
  });

/** Folders stay small; IDL, generated code and IOR components excepted. */
export const folderSizes: Rule = (files) => {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (path.endsWith("/index.ts") || isGenerated(path) || topOf(path) === "idl") continue;
    if (folder === "orb/ior/components") continue;
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MOST_FILES)
    .map(([folder, count]) => `${folder} -> ${count} files`);
};
