import type { SpecificationNode } from "../ast/index.ts";
import { type Diagnostics, SourceText } from "../source/index.ts";
import {
  type Context,
  type Entity,
  type ModuleEntity,
  newScope,
  PrefixFrames,
  type Scope,
} from "../resolve/index.ts";
import { declareAll } from "./declarations.ts";
import { applyDeferred, reportSharedIds } from "./pragmas.ts";

/**
 * Checks a specification: scopes, names, types, constants, repository ids.
 * @returns the declarations at file level; complete only when no error was reported
 */
export function check(
  specification: SpecificationNode,
  diagnostics: Diagnostics,
  level?: 3 | 4,
): readonly Entity[] {
  const global = newScope("global", "", undefined);
  const c: Context = {
    level,
    diagnostics,
    global: { ...global, path: [] },
    prefixes: new PrefixFrames(),
    pending: new Map(),
    awaited: new Set(),
    interfaceKeys: new Set(),
    callableCounts: new Map(),
    nextOrder: 0,
    instanceDepth: 0,
    instanceCount: 0,
    annotationParameters: new Map(),
    withoutLocal: new Set(),
    identified: [],
    deferred: [],
  };
  declareBuiltins(c.global);
  declareAll(c, c.global, specification.definitions, undefined);
  applyDeferred(c);
  reportSharedIds(c);
  reportPending(c);
  return c.global.members;
}

const BUILTINS = ["TypeCode", "AbstractBase", "ValueBase", "Principal"] as const;
/** What every user exception is; raised by operations that may raise any. */
const ANY_EXCEPTION = "UserException";

/** CORBA::TypeCode and other types that are no IDL, known without any include. */
function declareBuiltins(global: Scope): void {
  const text = `module CORBA { ${BUILTINS.map((name) => `native ${name};`).join(" ")} };`;
  const file = new SourceText("<built in>", text, false);
  const scope = newScope("module", "CORBA", global);
  const common = { doc: undefined, annotations: [] };
  const id = { version: "1.0", fixed: undefined, setAt: undefined };
  const corba: ModuleEntity = {
    ...common,
    kind: "module",
    name: "CORBA",
    path: scope.path,
    id: { ...id, path: "omg.org/CORBA" },
    span: { file, start: 7, end: 12 },
    scope,
    members: scope.members,
    isBuiltin: true,
  };
  global.names.set("corba", corba);
  for (const name of [...BUILTINS, ANY_EXCEPTION] as const) {
    const start = Math.max(0, text.indexOf(name));
    scope.names.set(name.toLowerCase(), {
      ...common,
      kind: "builtin",
      name,
      path: [...scope.path, name],
      id: { ...id, path: `omg.org/CORBA/${name}` },
      span: { file, start, end: start + name.length },
      type: { kind: "primitive", primitive: name === ANY_EXCEPTION ? "any" : name },
    });
  }
}

/**
 * Structs and unions must be defined in the end; an interface or a value may come from a file not seen, but
 * for those outside of all modules that nothing names.
 */
function reportPending(c: Context): void {
  for (const [entity, scope] of c.pending) {
    const message = `${entity.kind} ${entity.name} is forward declared but never defined`;
    const isNeeded = scope !== c.global || c.awaited.has(entity);
    if (isNeeded && (entity.kind === "interface" || entity.kind === "value")) {
      c.diagnostics.warning("never-defined", message, entity.span);
      scope.members.push(entity);
    } else {
      c.diagnostics.error("never-defined", message, entity.span);
    }
  }
}
