import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where Debian's omniorb-idl puts its files. */
export const OMNI_IDL = "/usr/share/idl/omniORB";

/** All IDL files below a folder, sorted; none where there is no such folder. */
export function idlBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".idl"))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  } catch {
    return [];
  }
}

/** Six declarations of different kinds that refer to each other. */
function six(n: number): string {
  return `  /** How far it is: ${n}. */
  enum E${n} { near${n}, far${n}, gone${n} };
  struct S${n} { long a; string b; E${n} c; sequence<octet> d; double e; };
  typedef sequence<S${n}> L${n};
  union U${n} switch (E${n}) { case near${n}: S${n} s; case far${n}: long l; default: string t; };
  exception X${n} { string why; long code; };
  interface I${n} {
    attribute long v;
    S${n} get(in L${n} list, out U${n} u) raises (X${n});
    oneway void ping(in E${n} e);
  };
`;
}

/** IDL of so many declarations, sixty to a module. */
export function generatedIdl(declarations: number): string {
  const modules: string[] = [];
  for (let made = 0, m = 0; made < declarations; m++) {
    let text = "";
    for (let n = 0; n < 10 && made < declarations; n++, made += 6) text += six(n);
    modules.push(`module M${m} {\n${text}};\n`);
  }
  return modules.join("");
}

/** Writes such IDL. @returns the path */
export function writeGenerated(folder: string, declarations: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `generated${declarations}.idl`);
  writeFileSync(path, generatedIdl(declarations));
  return path;
}
