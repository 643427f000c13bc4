import {
  type AttributeNode,
  type OperationNode,
  type ParameterNode,
  printSignature,
  type ScopedName,
} from "../ast/index.ts";
import type { Context } from "./context.ts";
import {
  type ExceptionEntity,
  type InterfaceEntity,
  type ParameterEntity,
  type Scope,
  textOf,
} from "./entity.ts";
import { entityBase } from "./forward.ts";
import { lookup } from "./names.ts";
import { declare, kindOf, newScope } from "./scope.ts";
import { completeThroughout, resolveType } from "./types.ts";

export function declareAttribute(c: Context, owner: InterfaceEntity, node: AttributeNode): void {
  const { scope } = owner;
  const type = completeThroughout(c, resolveType(c, scope, node.type), node.type.span);
  for (const name of node.names) {
    const base = entityBase(c, scope, name, node.doc);
    const entity = { ...base, kind: "attribute" as const, isReadonly: node.isReadonly, type };
    if (declare(c, scope, name, entity)) owner.attributes.push(entity);
  }
}

export function declareOperation(c: Context, owner: InterfaceEntity, node: OperationNode): void {
  const { scope } = owner;
  const result =
    node.result && completeThroughout(c, resolveType(c, scope, node.result), node.result.span);
  const inner = newScope("operation", node.name.text, scope);
  const entity = {
    ...entityBase(c, scope, node.name, node.doc),
    kind: "operation" as const,
    isOneway: node.isOneway,
    result,
    parameters: node.parameters.map((parameter) => declareParameter(c, inner, parameter)),
    raises: resolveRaises(c, scope, node.raises),
    signature: printSignature(node),
  };
  if (node.isOneway) checkOneway(c, node);
  if (declare(c, scope, node.name, entity)) owner.operations.push(entity);
}

function declareParameter(c: Context, inner: Scope, node: ParameterNode): ParameterEntity {
  const type = completeThroughout(c, resolveType(c, inner, node.type), node.type.span);
  const base = entityBase(c, inner, node.name, undefined);
  const entity: ParameterEntity = { ...base, kind: "parameter", mode: node.mode, type };
  declare(c, inner, node.name, entity);
  return entity;
}

function resolveRaises(c: Context, scope: Scope, names: readonly ScopedName[]): ExceptionEntity[] {
  const raises: ExceptionEntity[] = [];
  for (const name of names) {
    const entity = lookup(c, scope, name);
    if (!entity || entity.kind === "refused") continue;
    const place = { message: `${entity.name} is declared here`, span: entity.span };
    if (entity.kind !== "exception") {
      const message = `${textOf(name)} is ${kindOf(entity)}; only exceptions can be raised`;
      c.diagnostics.error("bad-operation", message, name.span, place);
    } else if (raises.includes(entity)) {
      c.diagnostics.error("bad-operation", `exception ${textOf(name)} is named twice`, name.span);
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
