import type {
  AnnotationDclNode,
  ComponentNode,
  ConstNode,
  DefinitionNode,
  FactoryNode,
  HomeNode,
  ImportNode,
  InstanceNode,
  InterfaceNode,
  ModuleNode,
  NativeNode,
  RefusedNode,
  TypedefNode,
  ValueNode,
} from "../ast/index.ts";
import {
  closeEntity,
  complete,
  type ComponentRole,
  type ConstEntity,
  type ConstValue,
  type Context,
  declare,
  entityBase,
  evaluate,
  type Inheritor,
  type InterfaceEntity,
  isSameType,
  type ModuleEntity,
  type NativeEntity,
  newScope,
  openEntity,
  peekLookup,
  type PortTypeEntity,
  repositoryIdText,
  type ResolvedType,
  type Scope,
  targetOf,
  textOf,
  type TypedefEntity,
  underlyingOf,
  UNKNOWN,
  type ValueEntity,
  withDimensions,
} from "../resolve/index.ts";
import { declareBitmask, declareBitset } from "./bits.ts";
import {
  consumerOf,
  equivalentOfComponent,
  equivalentOfHome,
  reportRepeatedPorts,
} from "./components.ts";
import {
  declareEnum,
  declareException,
  declareStruct,
  declareUnion,
  resolveAnyType,
} from "./constructed.ts";
import { inherit, placeOfBase, resolveBases } from "./inheritance.ts";
import { declareAttribute, declareFactory, declareOperation } from "./operations.ts";
import { applyMark } from "./pragmas.ts";
import { declareTemplate, openInstance } from "./templates.ts";
import { declareTypeId } from "./type-ids.ts";
import {
  declareState,
  declareValueBox,
  freshValue,
  inheritValues,
  statefulBase,
} from "./values.ts";

/** Declares all definitions of one body in order. */
export function declareAll(
  c: Context,
  scope: Scope,
  definitions: readonly DefinitionNode[],
  owner: Inheritor | undefined,
): void {
  for (const node of definitions) declareOne(c, scope, node, owner);
}

function declareOne(
  c: Context,
  scope: Scope,
  node: DefinitionNode,
  owner: Inheritor | undefined,
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
    case "state":
      if (owner?.kind === "value") declareState(c, owner, node);
      return;
    case "factory":
      if (owner?.kind === "value") declareFactoryOf(c, owner, node);
      return;
    case "value":
      return declareValue(c, scope, node);
    case "valuebox":
      return declareValueBox(c, scope, node);
    case "native":
      return declareNative(c, scope, node);
    case "bitmask":
      return declareBitmask(c, scope, node);
    case "bitset":
      return declareBitset(c, scope, node);
    case "component":
    case "connector":
      return declareComponent(c, scope, node);
    case "porttype":
      return declarePortType(c, scope, node);
    case "home":
      return declareHome(c, scope, node);
    case "typeid":
    case "typeprefix":
      return declareTypeId(c, scope, node);
    case "import":
      return checkImport(c, scope, node);
    case "template":
      return declareTemplate(c, scope, node);
    case "instance":
      return declareInstance(c, scope, node);
    case "refused":
      return declareRefused(c, scope, node);
    case "annotation":
      return declareAnnotation(c, node);
    case "finder":
    case "port":
      return;
  }
}

function declareModule(c: Context, scope: Scope, node: ModuleNode): void {
  const module = openModule(c, scope, node);
  const { depth } = c.prefixes;
  c.prefixes.enterScope(node.name.text);
  if (module.typePrefix !== undefined) c.prefixes.setTypePrefix(module.path, module.typePrefix);
  declareAll(c, module.scope, node.definitions, undefined);
  c.prefixes.restore(depth);
}

/** The module of that name, for the first time or again. */
function openModule(c: Context, scope: Scope, node: ModuleNode): ModuleEntity {
  const { name, doc } = node;
  const base = entityBase(c, scope, name, doc, node.annotations);
  const earlier = scope.names.get(name.text.toLowerCase());
  if (earlier?.kind === "module" && earlier.name === name.text) {
    if (earlier.isBuiltin) {
      Object.assign(earlier, base, { isBuiltin: false });
      scope.members.push(earlier);
    } else if (
      earlier.id.path !== base.id.path &&
      !earlier.id.setAt &&
      earlier.typePrefix === undefined
    ) {
      const message = `module ${name.text} is opened again under another prefix: ${repositoryIdText(base.id)}`;
      const place = { message: `it was ${repositoryIdText(earlier.id)} here`, span: earlier.span };
      c.diagnostics.warning("bad-repository-id", message, name.span, place);
    }
    earlier.doc ??= doc;
    return earlier;
  }
  const inner = newScope("module", name.text, scope);
  const module: ModuleEntity = {
    kind: "module",
    scope: inner,
    members: inner.members,
    isBuiltin: false,
    ...base,
  };
  if (declare(c, scope, name, module)) scope.members.push(module);
  return module;
}

function declareInterface(
  c: Context,
  scope: Scope,
  node: InterfaceNode,
  role?: ComponentRole,
): void {
  const { name, body, doc } = node;
  // OMG's own IDL forward declares CORBA::TypeCode, which is built in.
  if (!body && scope.names.get(name.text.toLowerCase())?.kind === "builtin") return;
  const inner = newScope("interface", name.text, scope);
  const fresh: InterfaceEntity = {
    kind: "interface",
    flavour: node.flavour,
    role,
    order: c.nextOrder++,
    scope: inner,
    state: "forward",
    bases: [],
    members: inner.members,
    attributes: [],
    operations: [],
    ...entityBase(c, scope, name, doc, node.annotations),
  };
  inner.owner = fresh;
  const bases = resolveBases(c, scope, node.bases, name);
  const { entity, isDeclared } = openEntity(c, scope, name, !body, fresh);
  if (!body) return;
  inherit(c, entity, bases, name);
  const { depth } = c.prefixes;
  c.prefixes.enterScope(name.text);
  declareAll(c, entity.scope, body, entity);
  c.prefixes.restore(depth);
  closeEntity(c, scope, entity, isDeclared);
}

function declareValue(c: Context, scope: Scope, node: ValueNode): void {
  const { name, body } = node;
  const fresh = freshValue(c, scope, node);
  const bases = resolveBases(c, scope, node.bases, name);
  const supports = resolveBases(c, scope, node.supports, name);
  const { entity, isDeclared } = openEntity(c, scope, name, !body, fresh);
  if (body) {
    // What was said first of a forward declaration holds for the rest, but custom and truncatable.
    entity.isTruncatable = node.isTruncatable;
    inheritValues(c, entity, node, bases, supports);
    const { depth } = c.prefixes;
    c.prefixes.enterScope(name.text);
    declareAll(c, entity.scope, body, entity);
    c.prefixes.restore(depth);
    closeEntity(c, scope, entity, isDeclared);
  }
  if (!node.isEvent) return;
  const base = statefulBase(entity);
  declareInterface(c, scope, consumerOf(c, name, base?.isEvent ? base : undefined, !body));
}

function declareFactoryOf(c: Context, owner: ValueEntity, node: FactoryNode): void {
  if (owner.flavour === "abstract") {
    const message = `abstract valuetype ${owner.name} cannot have factories`;
    c.diagnostics.error("bad-value", message, node.name.span, placeOfBase(owner));
  }
  declareFactory(c, owner.scope, owner.factories, node);
}

function declareNative(c: Context, scope: Scope, node: NativeNode): void {
  if (scope.names.get(node.name.text.toLowerCase())?.kind === "builtin") return;
  const base = entityBase(c, scope, node.name, node.doc, node.annotations);
  const entity: NativeEntity = { kind: "native", ...base };
  if (declare(c, scope, node.name, entity)) scope.members.push(entity);
}

function declareComponent(c: Context, scope: Scope, node: ComponentNode): void {
  const kind = node.kind === "connector" ? "connector" : "component";
  const found = node.base && peekLookup(c, scope, node.base);
  if (node.base && found?.kind === "interface" && found.role?.kind !== kind) {
    const message = `${textOf(node.base)} is ${found.role ? `a ${found.role.kind}` : "an interface"}; a ${kind} inherits from a ${kind} only`;
    c.diagnostics.error("bad-component", message, node.base.span, placeOfBase(found));
  }
  declareInterface(c, scope, equivalentOfComponent(c, scope, node), { kind });
}

function declareHome(c: Context, scope: Scope, node: HomeNode): void {
  for (const part of equivalentOfHome(c, scope, node)) {
    declareInterface(c, scope, part, part.name === node.name ? { kind: "home" } : undefined);
  }
}

function declarePortType(c: Context, scope: Scope, node: ComponentNode): void {
  const earlier = scope.names.get(node.name.text.toLowerCase());
  if (earlier?.kind === "porttype" && !(earlier.node.body && node.body)) {
    scope.names.delete(node.name.text.toLowerCase());
  }
  const base = entityBase(c, scope, node.name, node.doc, node.annotations);
  const entity: PortTypeEntity = { kind: "porttype", node, declaredIn: scope, ...base };
  declare(c, scope, node.name, entity);
  reportRepeatedPorts(c, node);
  if (!node.body || node.body.some((member) => member.kind === "port")) return;
  const message = `porttype ${node.name.text} has no ports; at least one is needed`;
  c.diagnostics.error("bad-component", message, node.name.span);
}

/** Of an annotation of the file only the names of its parameters are asked for. */
function declareAnnotation(c: Context, { name, members }: AnnotationDclNode): void {
  const names = members.flatMap((m) => (m.kind === "parameter" ? [m.name.text] : []));
  const known = c.annotationParameters.get(name.text) ?? [];
  c.annotationParameters.set(name.text, new Set([...known, ...names]));
}

/** What is imported must be in the files compiled together: there is no repository to ask. */
function checkImport(c: Context, scope: Scope, node: ImportNode): void {
  const { what } = node;
  if ("parts" in what && peekLookup(c, scope, what)) return;
  const name = "parts" in what ? textOf(what) : what.text;
  const message = `import ${name}: nothing of that name is declared; #include the file that declares it`;
  c.diagnostics.warning("unknown-import", message, what.span);
}

function declareInstance(c: Context, scope: Scope, node: InstanceNode): void {
  const opened = openInstance(c, scope, node, c.instanceDepth);
  if (!opened) return;
  const { depth } = c.prefixes;
  c.prefixes.enterScope(node.name.text);
  c.instanceDepth++;
  declareAll(c, opened.module.scope, opened.node.definitions, undefined);
  c.instanceDepth--;
  c.prefixes.restore(depth);
}

function declareTypedef(c: Context, scope: Scope, node: TypedefNode): void {
  const base = complete(c, resolveAnyType(c, scope, node.type), node.type.span);
  for (const { name, dimensions } of node.declarators) {
    const type = withDimensions(c, scope, base, dimensions);
    const earlier = scope.names.get(name.text.toLowerCase());
    // Other ORBs' files for module CORBA repeat what our own orb.idl says.
    if (
      earlier?.kind === "typedef" &&
      earlier.span.file.isStandard &&
      !name.span.file.isStandard &&
      isSameType(earlier.type, type)
    )
      continue;
    const entity: TypedefEntity = {
      kind: "typedef",
      type,
      underlying: underlyingOf(type),
      ...entityBase(c, scope, name, node.doc, node.annotations),
    };
    if (declare(c, scope, name, entity)) scope.members.push(entity);
  }
}

function declareConst(c: Context, scope: Scope, node: ConstNode): void {
  const { name, doc } = node;
  const declared = resolveAnyType(c, scope, node.type);
  const target = targetOf(declared);
  if (!target && underlyingOf(declared).kind !== "unknown") {
    const message =
      "a constant is of an integer type, octet, char, wchar, boolean, float, double, long double, fixed, string, wstring or an enum";
    c.diagnostics.error("bad-constant", message, node.type.span);
  }
  const value = target && evaluate(c, scope, node.value, target);
  const type = sizedFixed(declared, value);
  const base = entityBase(c, scope, name, doc, node.annotations);
  const entity: ConstEntity = { kind: "const", type, value, ...base };
  if (declare(c, scope, name, entity)) scope.members.push(entity);
}

/** `const fixed` has the digits and scale of its value. */
function sizedFixed(type: ResolvedType, value: ConstValue | undefined): ResolvedType {
  if (type.kind !== "fixed" || type.digits > 0) return type;
  if (typeof value !== "object" || value.kind !== "fixed") return UNKNOWN;
  return { kind: "fixed", digits: value.digits, scale: value.scale };
}

/** Enters the name alone, so that its uses are not reported too. */
function declareRefused(c: Context, scope: Scope, node: RefusedNode): void {
  const key = node.name.text.toLowerCase();
  if (key === "") return;
  const earlier = scope.names.get(key);
  if (!earlier) {
    const base = entityBase(c, scope, node.name, node.doc);
    scope.names.set(key, { kind: "refused", type: UNKNOWN, ...base });
  } else if (
    earlier.kind === "interface" ||
    earlier.kind === "value" ||
    earlier.kind === "struct" ||
    earlier.kind === "union"
  ) {
    c.pending.delete(earlier);
  }
}
