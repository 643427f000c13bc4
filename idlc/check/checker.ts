import type { SpecificationNode } from "../ast/index.ts";
import { type Diagnostics, SourceText } from "../source/index.ts";
import type { Context } from "./context.ts";
import { declareAll } from "./declarations.ts";
import type { Entity, ModuleEntity, Scope } from "./entity.ts";
import { applyDeferred } from "./pragmas.ts";
import { PrefixFrames } from "./repository-id.ts";
import { newScope } from "./scope.ts";

/**
 * Checks a specification: scopes, names, types, constants, repository ids.
 * @returns the declarations at file level; complete only when no error was reported
 */
export function check(
  specification: SpecificationNode,
  diagnostics: Diagnostics,
): readonly Entity[] {
  const global = newScope("global", "", undefined);
  const c: Context = {
    diagnostics,
    global: { ...global, path: [] },
    prefixes: new PrefixFrames(),
    pending: new Map(),
    interfaceKeys: new Set(),
    deferred: [],
  };
  declareBuiltins(c.global);
  declareAll(c, c.global, specification.definitions, undefined);
  applyDeferred(c);
  reportPending(c);
  return c.global.members;
}

/** CORBA::TypeCode, known without any include. */
function declareBuiltins(global: Scope): void {
  const file = new SourceText("<built in>", "module CORBA { native TypeCode; };", false);
  const scope = newScope("module", "CORBA", global);
  const base = { version: "1.0", fixed: undefined, setAt: undefined };
  const corba: ModuleEntity = {
    kind: "module",
    name: "CORBA",
    path: scope.path,
    id: { ...base, path: "omg.org/CORBA" },
    doc: undefined,
    span: { file, start: 7, end: 12 },
    scope,
    members: scope.members,
    isBuiltin: true,
  };
  global.names.set("corba", corba);
  scope.names.set("typecode", {
    kind: "builtin",
    name: "TypeCode",
    path: [...scope.path, "TypeCode"],
    id: { ...base, path: "omg.org/CORBA/TypeCode" },
    doc: undefined,
    span: { file, start: 22, end: 30 },
    type: { kind: "primitive", primitive: "TypeCode" },
  });
}

/** Structs and unions must be defined in the end; an interface may come from a file not seen. */
function reportPending(c: Context): void {
  for (const [entity, scope] of c.pending) {
    const message = `${entity.kind} ${entity.name} is forward declared but never defined`;
    if (entity.kind === "interface") {
      c.diagnostics.warning("never-defined", message, entity.span);
      scope.members.push(entity);
    } else {
      c.diagnostics.error("never-defined", message, entity.span);
    }
  }
}
