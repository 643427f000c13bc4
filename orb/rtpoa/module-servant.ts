import { BAD_PARAM } from "../exception/index.ts";
import { Servant } from "../poa/index.ts";
import type { ModuleExport, ModuleServant, PriorityTransform } from "../rt/index.ts";

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
  const made = await madeBy(found, of);
  if (made instanceof Servant) return made;
  throw new BAD_PARAM(`${where(of)} made no servant: it is to extend a generated skeleton`);
}

/**
 * Makes a priority transform: what is exported, an instance of the class, or what the function returns.
 * @throws BAD_PARAM when that has not both functions
 */
export async function makeTransform(of: ModuleServant): Promise<PriorityTransform> {
  const found = await importExport(of);
  const made = typeof found === "function" ? await madeBy(found, of) : found;
  const { inbound, outbound } = (made ?? {}) as Partial<PriorityTransform>;
  if (typeof inbound === "function" && typeof outbound === "function")
    return made as PriorityTransform;
  throw new BAD_PARAM(`${where(of)} is no priority transform: it needs inbound() and outbound()`);
}

async function madeBy(found: object, { args = [] }: ModuleServant): Promise<unknown> {
  const isClass = CLASS.test(Function.prototype.toString.call(found));
  return isClass
    ? new (found as new (...args: readonly unknown[]) => unknown)(...args)
    : await (found as (...args: readonly unknown[]) => unknown)(...args);
}
