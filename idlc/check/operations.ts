import {
  type AttributeNode,
  type FactoryNode,
  type OperationNode,
  type ParameterNode,
  printSignature,
  type ScopedName,
} from "../ast/index.ts";
import {
  completeThroughout,
  type Context,
  declare,
  entityBase,
  type ExceptionEntity,
  type FactoryEntity,
  type Inheritor,
  kindOf,
  lookup,
  newScope,
  type ParameterEntity,
  resolveType,
  type Scope,
  textOf,
} from "../resolve/index.ts";
import { reportLocal } from "./local.ts";

export function declareAttribute(c: Context, owner: Inheritor, node: AttributeNode): void {
  const { scope } = owner;
  const type = completeThroughout(c, resolveType(c, scope, node.type), node.type.span);
  const getRaises = resolveRaises(c, scope, node.getRaises);
  const setRaises = resolveRaises(c, scope, node.setRaises);
  if (isRemote(owner)) {
    reportLocal(c, owner, type, node.type.span);
    reportLocalRaises(c, owner, getRaises, node.getRaises);
    reportLocalRaises(c, owner, setRaises, node.setRaises);
  }
  for (const name of node.names) {
    const base = entityBase(c, scope, name, node.doc, node.annotations);
    const { isReadonly } = node;
    const entity = { kind: "attribute" as const, isReadonly, type, getRaises, setRaises, ...base };
    if (declare(c, scope, name, entity)) owner.attributes.push(entity);
  }
}

export function declareOperation(c: Context, owner: Inheritor, node: OperationNode): void {
  const { scope } = owner;
  const result =
    node.result && completeThroughout(c, resolveType(c, scope, node.result), node.result.span);
  const inner = newScope("operation", node.name.text, scope);
  const entity = {
    kind: "operation" as const,
    isOneway: node.isOneway,
    result,
    parameters: node.parameters.map((parameter) => declareParameter(c, inner, parameter)),
    raises: resolveRaises(c, scope, node.raises),
    contexts: node.contexts.map((context) => String(context.value)),
    // Only what writes code asks for it.
    get signature(): string {
      return printSignature(node);
    },
    ...entityBase(c, scope, node.name, node.doc, node.annotations),
  };
  if (node.isOneway) checkOneway(c, node);
  checkContexts(c, node);
  if (isRemote(owner)) {
    reportLocalRaises(c, owner, entity.raises, node.raises);
    if (node.result && result) reportLocal(c, owner, result, node.result.span);
    for (const [i, { type }] of entity.parameters.entries()) {
      reportLocal(c, owner, type, node.parameters[i]?.type.span ?? node.span);
    }
  }
  if (declare(c, scope, node.name, entity)) owner.operations.push(entity);
}

function isRemote(owner: Inheritor): boolean {
  // Ports of components may be local: their equivalent operations are called in their container.
  return owner.kind === "interface" && owner.flavour !== "local" && !owner.role;
}

function reportLocalRaises(
  c: Context,
  owner: Inheritor,
  raises: readonly ExceptionEntity[],
  names: readonly ScopedName[],
): void {
  for (const [i, exception] of raises.entries()) {
    const span = names[i]?.span;
    if (span) reportLocal(c, owner, exception, span);
  }
}

/** A letter, then letters, digits, `_` and `.`, with a `*` at the end (CORBA 3.3 Part 1, 7.13.6). */
const CONTEXT_NAME = /^[A-Za-z][A-Za-z0-9_.]*\*?$/;

function checkContexts(c: Context, { contexts }: OperationNode): void {
  for (const { value, text, span } of contexts) {
    if (CONTEXT_NAME.test(String(value))) continue;
    const message = `${text} is no name of a context: a letter, then letters, digits, "_" and "." with "*" at the end at most`;
    c.diagnostics.error("bad-operation", message, span);
  }
}

/** A factory of a value. */
export function declareFactory(
  c: Context,
  scope: Scope,
  into: FactoryEntity[],
  node: FactoryNode,
): void {
  const inner = newScope("operation", node.name.text, scope);
  const entity: FactoryEntity = {
    kind: "factory",
    parameters: node.parameters.map((parameter) => declareParameter(c, inner, parameter)),
    raises: resolveRaises(c, scope, node.raises),
    ...entityBase(c, scope, node.name, node.doc, node.annotations),
  };
  if (declare(c, scope, node.name, entity)) into.push(entity);
}

function declareParameter(c: Context, inner: Scope, node: ParameterNode): ParameterEntity {
  const type = completeThroughout(c, resolveType(c, inner, node.type), node.type.span);
  const base = entityBase(c, inner, node.name, undefined, node.annotations);
  const entity: ParameterEntity = { kind: "parameter", mode: node.mode, type, ...base };
  declare(c, inner, node.name, entity);
  return entity;
}

function resolveRaises(c: Context, scope: Scope, names: readonly ScopedName[]): ExceptionEntity[] {
  const raises: ExceptionEntity[] = [];
  for (const name of names) {
    const entity = lookup(c, scope, name);
    if (!entity || entity.kind === "refused") continue;
    const place = { message: `${entity.name} is declared here`, span: entity.span };
    if (entity.kind === "native" || entity.kind === "builtin") {
      // OMG's Messaging.idl raises the native UserExceptionBase: any exception of the language.
      const message = `${textOf(name)} stands for any exception; what may be raised is not known`;
      c.diagnostics.warning("bad-operation", message, name.span, place);
    } else if (entity.kind !== "exception") {
      const message = `${textOf(name)} is ${kindOf(entity)}; only exceptions can be raised`;
      c.diagnostics.error("bad-operation", message, name.span, place);
    } else if (raises.includes(entity)) {
      const message = `exception ${textOf(name)} is named twice`;
      c.diagnostics.warning("bad-operation", message, name.span, place);
    } else {
      raises.push(entity);
    }
  }
  return raises;
}

function checkOneway(c: Context, node: OperationNode): void {
  const report = (what: string, span: OperationNode["span"]): void =>
    c.diagnostics.error(
      "bad-operation",
      `oneway operation ${node.name.text} cannot ${what}: its caller gets no answer`,
      span,
    );
  if (node.result) report("have a result", node.result.span);
  for (const { mode, name, span } of node.parameters) {
    if (mode !== "in") report(`have the ${mode} parameter ${name.text}`, span);
  }
  if (node.raises[0]) report("raise exceptions", node.raises[0].span);
}
