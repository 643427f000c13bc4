import type {
  ConstNode,
  DefinitionNode,
  InterfaceNode,
  ModuleNode,
  RefusedNode,
  TypedefNode,
} from "../ast/index.ts";
import { evaluate, targetOf } from "./constants.ts";
import {
  declareEnum,
  declareException,
  declareStruct,
  declareUnion,
  resolveAnyType,
} from "./constructed.ts";
import type { Context } from "./context.ts";
import {
  type ConstEntity,
  type InterfaceEntity,
  type ModuleEntity,
  type Scope,
  type TypedefEntity,
  UNKNOWN,
  underlyingOf,
} from "./entity.ts";
import { closeEntity, entityBase, openEntity } from "./forward.ts";
import { inherit, resolveBases } from "./inheritance.ts";
import { declareAttribute, declareOperation } from "./operations.ts";
import { applyMark } from "./pragmas.ts";
import { repositoryIdText } from "./repository-id.ts";
import { declare, newScope } from "./scope.ts";
import { complete, isSameType, withDimensions } from "./types.ts";

/** Declares all definitions of one body in order. */
export function declareAll(
  c: Context,
  scope: Scope,
  definitions: readonly DefinitionNode[],
  owner: InterfaceEntity | undefined,
): void {
  for (const node of definitions) declareOne(c, scope, node, owner);
}

function declareOne(
  c: Context,
  scope: Scope,
  node: DefinitionNode,
  owner: InterfaceEntity | undefined,
): void {
  switch (node.kind) {
    case "mark":
      return applyMark(c, scope, node.mark);
    case "module":
      return declareModule(c, scope, node);
    case "interface":
      return declareInterface(c, scope, node);
    case "struct":
      return void declareStruct(c, scope, node);
    case "union":
      return void declareUnion(c, scope, node);
    case "enum":
      return void declareEnum(c, scope, node);
    case "exception":
      return declareException(c, scope, node);
    case "typedef":
      return declareTypedef(c, scope, node);
    case "const":
      return declareConst(c, scope, node);
    case "attribute":
      if (owner) declareAttribute(c, owner, node);
      return;
    case "operation":
      if (owner) declareOperation(c, owner, node);
      return;
    case "refused":
      return declareRefused(c, scope, node);
  }
}

function declareModule(c: Context, scope: Scope, node: ModuleNode): void {
  const module = openModule(c, scope, node);
  const { depth } = c.prefixes;
  c.prefixes.enterScope(node.name.text);
  declareAll(c, module.scope, node.definitions, undefined);
  c.prefixes.restore(depth);
}

/** The module of that name, for the first time or again. */
function openModule(c: Context, scope: Scope, node: ModuleNode): ModuleEntity {
  const { name, doc } = node;
  const base = entityBase(c, scope, name, doc);
  const earlier = scope.names.get(name.text.toLowerCase());
  if (earlier?.kind === "module" && earlier.name === name.text) {
    if (earlier.isBuiltin) {
      Object.assign(earlier, base, { isBuiltin: false });
      scope.members.push(earlier);
    } else if (earlier.id.path !== base.id.path && !earlier.id.setAt) {
      const message = `module ${name.text} is opened again under another prefix: ${repositoryIdText(base.id)}`;
      const place = { message: `it was ${repositoryIdText(earlier.id)} here`, span: earlier.span };
      c.diagnostics.warning("bad-repository-id", message, name.span, place);
    }
    earlier.doc ??= doc;
    return earlier;
  }
  const inner = newScope("module", name.text, scope);
  const module: ModuleEntity = {
    ...base,
    kind: "module",
    scope: inner,
    members: inner.members,
    isBuiltin: false,
  };
  if (declare(c, scope, name, module)) scope.members.push(module);
  return module;
}

function declareInterface(c: Context, scope: Scope, node: InterfaceNode): void {
  const { name, body, doc } = node;
  // OMG's own IDL forward declares CORBA::TypeCode, which is built in.
  if (!body && scope.names.get(name.text.toLowerCase())?.kind === "builtin") return;
  const inner = newScope("interface", name.text, scope);
  const fresh: InterfaceEntity = {
    ...entityBase(c, scope, name, doc),
    kind: "interface",
    scope: inner,
    state: "forward",
    bases: [],
    members: inner.members,
    attributes: [],
    operations: [],
  };
  inner.owner = fresh;
  const bases = resolveBases(c, scope, node);
  const { entity, isDeclared } = openEntity(c, scope, name, !body, fresh);
  if (!body) return;
  inherit(c, entity, bases, name);
  const { depth } = c.prefixes;
  c.prefixes.enterScope(name.text);
  declareAll(c, entity.scope, body, entity);
  c.prefixes.restore(depth);
  closeEntity(c, scope, entity, isDeclared);
}

function declareTypedef(c: Context, scope: Scope, node: TypedefNode): void {
  const base = complete(c, resolveAnyType(c, scope, node.type), node.type.span);
  for (const { name, dimensions } of node.declarators) {
    const type = withDimensions(c, scope, base, dimensions);
    const earlier = scope.names.get(name.text.toLowerCase());
    // Other ORBs' files for module CORBA repeat what our own orb.idl says.
    if (
      earlier?.kind === "typedef" &&
      earlier.span.file.isBuiltin &&
      isSameType(earlier.type, type)
    )
      continue;
    const entity: TypedefEntity = {
      ...entityBase(c, scope, name, node.doc),
      kind: "typedef",
      type,
      underlying: underlyingOf(type),
    };
    if (declare(c, scope, name, entity)) scope.members.push(entity);
  }
}

function declareConst(c: Context, scope: Scope, node: ConstNode): void {
  const { name, doc } = node;
  const type = resolveAnyType(c, scope, node.type);
  const target = targetOf(type);
  if (!target && underlyingOf(type).kind !== "unknown") {
    const message =
      "a constant is of an integer type, octet, char, wchar, boolean, float, double, string, wstring or an enum";
    c.diagnostics.error("bad-constant", message, node.type.span);
  }
  const value = target && evaluate(c, scope, node.value, target);
  const entity: ConstEntity = { ...entityBase(c, scope, name, doc), kind: "const", type, value };
  if (declare(c, scope, name, entity)) scope.members.push(entity);
}

/** Enters the name alone, so that its uses are not reported too. */
function declareRefused(c: Context, scope: Scope, node: RefusedNode): void {
  const key = node.name.text.toLowerCase();
  if (key === "") return;
  const earlier = scope.names.get(key);
  if (!earlier) {
    const base = entityBase(c, scope, node.name, node.doc);
    scope.names.set(key, { ...base, kind: "refused", type: UNKNOWN });
  } else if (
    earlier.kind === "interface" ||
    earlier.kind === "struct" ||
    earlier.kind === "union"
  ) {
    c.pending.delete(earlier);
  }
}
