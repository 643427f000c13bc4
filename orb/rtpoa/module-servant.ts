import { BAD_PARAM } from "../exception/index.ts";
import { Servant } from "../poa/index.ts";
import type { ModuleServant } from "../rt/index.ts";

/** Something that an ES module exports. */
export interface ModuleExport {
  /** URL. */
  readonly module: string;
  readonly export: string;
}

function where({ module, export: name }: ModuleExport): string {
  return `export "${name}" of ${module}`;
}

/** @throws BAD_PARAM naming the module, with what importing it threw; or the exports there are */
export async function importExport(of: ModuleExport): Promise<unknown> {
  let found: Readonly<Record<string, unknown>>;
  try {
    found = (await import(of.module)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new BAD_PARAM(`${of.module} cannot be imported: ${why}`, undefined, undefined, { cause });
  }
  if (Object.hasOwn(found, of.export)) return found[of.export];
  const there = Object.keys(found).toSorted().join(", ");
  throw new BAD_PARAM(`${of.module} has no export "${of.export}"; it has: ${there || "none"}`);
}

const CLASS = /^class\b/;

/**
 * Makes a servant: an instance of the class, or what the function returns, which may be a promise.
 * @throws BAD_PARAM when that is no servant
 */
export async function makeServant(of: ModuleServant): Promise<Servant> {
  const found = await importExport(of);
  if (typeof found !== "function") {
    throw new BAD_PARAM(`${where(of)} is no class and no function that makes a servant`);
  }
  const args = of.args ?? [];
  const isClass = CLASS.test(Function.prototype.toString.call(found));
  const made: unknown = isClass
    ? new (found as new (...args: readonly unknown[]) => unknown)(...args)
    : await (found as (...args: readonly unknown[]) => unknown)(...args);
  if (made instanceof Servant) return made;
  throw new BAD_PARAM(`${where(of)} made no servant: it is to extend a generated skeleton`);
}
