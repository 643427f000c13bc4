import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import { Servant } from "../poa/index.ts";
import type { ModuleServant } from "../rt/index.ts";

function wrong(text: string, cause?: unknown): BAD_PARAM {
  return new BAD_PARAM(text, MINOR.none, Completion.no, { cause });
}

function isClass(value: (...args: never) => unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/**
 * The servant that a module makes, in this thread.
 * @throws BAD_PARAM naming the module and what is wrong with it
 */
export async function servantOf({
  module,
  export: name,
  args = [],
}: ModuleServant): Promise<Servant> {
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = (await import(module)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw wrong(
      `${module} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  const make = exports[name];
  if (typeof make !== "function") {
    throw wrong(
      `${module} exports no class and no function "${name}"; it exports ${Object.keys(exports).join(", ")}`,
    );
  }
  const servant = isClass(make as () => unknown)
    ? new (make as new (...args: readonly unknown[]) => unknown)(...args)
    : await (make as (...args: readonly unknown[]) => unknown)(...args);
  if (servant instanceof Servant) return servant;
  throw wrong(`"${name}" of ${module} makes no servant`);
}
