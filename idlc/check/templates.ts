import type {
  Identifier,
  InstanceNode,
  TemplateNode,
  TemplateParameterNode,
} from "../ast/index.ts";
import {
  type ConstEntity,
  type Context,
  declare,
  type Entity,
  entityBase,
  evaluate,
  kindOf,
  lookup,
  type ModuleEntity,
  newScope,
  type ResolvedType,
  resolveType,
  type Scope,
  targetOf,
  type TemplateEntity,
  textOf,
  type TypedefEntity,
  underlyingOf,
  UNKNOWN,
} from "../resolve/index.ts";
import type { Span } from "../source/index.ts";
import { placeOfBase } from "./inheritance.ts";

/** Templates may use each other this deep. */
const MAX_INSTANCES = 64;
/** Modules that templates make in one run; each level may double them. */
const MAX_INSTANCE_COUNT = 5_000;

/** A template module with the parameters of an earlier one of its name goes on with it, as modules do. */
export function declareTemplate(c: Context, scope: Scope, node: TemplateNode): void {
  const earlier = scope.names.get(node.name.text.toLowerCase());
  if (earlier?.kind === "template" && isReopened(earlier.node, node)) {
    const definitions = [...earlier.node.definitions, ...node.definitions];
    earlier.node = { ...earlier.node, definitions };
    return;
  }
  const entity: TemplateEntity = {
    kind: "template",
    node,
    declaredIn: scope,
    ...entityBase(c, scope, node.name, node.doc, node.annotations),
  };
  declare(c, scope, node.name, entity);
  const seen = new Map<string, Identifier>();
  for (const { name } of node.parameters) {
    const first = seen.get(name.text.toLowerCase());
    if (first) {
      const place = { message: `${first.text} is declared here`, span: first.span };
      const message = `${name.text} is already a parameter of template module ${node.name.text}`;
      c.diagnostics.error("bad-template", message, name.span, place);
    }
    seen.set(name.text.toLowerCase(), name);
  }
}

/** What is of the kind a parameter asks for (CORBA 3.3 Part 1, 7.20.1); `typename` takes any type. */
function isOfKind(type: ResolvedType, kind: string): boolean {
  const under = underlyingOf(type);
  if (under.kind === "unknown" || kind === "typename") return true;
  if (kind === "sequence") return under.kind === "sequence";
  if (under.kind !== "declared") return false;
  const { entity } = under;
  if (entity.kind !== "value") return entity.kind === kind;
  return kind === (entity.isEvent ? "eventtype" : "valuetype");
}

const KINDS: ReadonlySet<string> = new Set(
  "interface valuetype eventtype struct union enum sequence".split(" "),
);

function reportOtherKind(
  c: Context,
  { kind, name }: TemplateParameterNode,
  type: ResolvedType,
  span: Span,
): void {
  if (!KINDS.has(kind) || isOfKind(type, kind)) return;
  const message = `parameter ${name.text} of the template takes ${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
  const place = { message: `${name.text} is declared here`, span: name.span };
  c.diagnostics.error("bad-template", message, span, place);
}

function isReopened(earlier: TemplateNode, node: TemplateNode): boolean {
  const namesOf = ({ parameters }: TemplateNode): string =>
    parameters.map(({ kind, name }) => `${kind} ${name.text}`).join();
  return earlier.name.text === node.name.text && namesOf(earlier) === namesOf(node);
}

/** The module that an instance makes, with the parameters' names in it; its body is still to be read. */
export interface OpenInstance {
  readonly module: ModuleEntity;
  readonly node: TemplateNode;
}

/** `module M<long> N` (CORBA 3.3 Part 1, 7.20.2): a module whose parameters stand for the arguments. */
export function openInstance(
  c: Context,
  scope: Scope,
  node: InstanceNode,
  depth: number,
): OpenInstance | undefined {
  const found = lookup(c, scope, node.template, false);
  if (!found || found.kind === "refused") return undefined;
  const place = placeOfBase(found);
  if (found.kind !== "template") {
    const message = `${textOf(node.template)} is ${kindOf(found)}, not a template module`;
    c.diagnostics.error("bad-template", message, node.template.span, place);
    return undefined;
  }
  const { parameters } = found.node;
  c.instanceCount++;
  // Told once: what would be made of those that follow is as much again.
  if (c.instanceCount > MAX_INSTANCE_COUNT + 1) return undefined;
  if (c.instanceCount > MAX_INSTANCE_COUNT) {
    const message = `template modules make more than ${MAX_INSTANCE_COUNT} modules`;
    c.diagnostics.error("bad-template", message, node.template.span, place);
    return undefined;
  }
  if (parameters.length !== node.args.length || depth > MAX_INSTANCES) {
    const message =
      depth > MAX_INSTANCES
        ? `template modules use each other more than ${MAX_INSTANCES} deep`
        : `template module ${found.name} takes ${parameters.length} arguments, not ${node.args.length}`;
    c.diagnostics.error("bad-template", message, node.template.span, place);
    return undefined;
  }
  const reopened = reopenedModule(scope, node.name);
  const own = reopened?.scope ?? newScope("module", node.name.text, scope);
  // Names are looked for where the template stands, ids and paths come from where the instance does.
  const aliases = new Map<string, Entity>();
  const inner: Scope = { ...own, parent: found.declaredIn, aliases };
  const module: ModuleEntity = {
    kind: "module",
    scope: inner,
    members: inner.members,
    isBuiltin: false,
    ...entityBase(c, scope, node.name, node.doc, node.annotations),
  };
  for (const [i, parameter] of parameters.entries()) {
    const bound = bind(c, scope, inner, parameter, node.args[i]);
    if (bound) aliases.set(parameter.name.text.toLowerCase(), bound);
  }
  // In its own body the name of the template means the module being made.
  aliases.set(found.name.toLowerCase(), module);
  if (!reopened && declare(c, scope, node.name, module)) scope.members.push(module);
  return { module, node: found.node };
}

/** An instance may go on with a module that is there. */
function reopenedModule(scope: Scope, name: Identifier): ModuleEntity | undefined {
  const earlier = scope.names.get(name.text.toLowerCase());
  return earlier?.kind === "module" && earlier.name === name.text ? earlier : undefined;
}

function bind(
  c: Context,
  scope: Scope,
  inner: Scope,
  parameter: TemplateParameterNode,
  argument: InstanceNode["args"][number] | undefined,
): Entity | undefined {
  if (!argument) return undefined;
  const base = entityBase(c, inner, parameter.name, undefined);
  if (parameter.kind === "const" && parameter.type) {
    const type = resolveType(c, inner, parameter.type);
    const target = targetOf(type);
    const value =
      argument.kind === "value" && target ? evaluate(c, scope, argument.value, target) : undefined;
    if (argument.kind === "type") {
      const message = `parameter ${parameter.name.text} of the template takes a value, not a type`;
      c.diagnostics.error("bad-template", message, argument.type.span);
    }
    return { kind: "const", type, value, ...base } satisfies ConstEntity;
  }
  if (argument.kind === "type") {
    const type = resolveType(c, scope, argument.type);
    reportOtherKind(c, parameter, type, argument.type.span);
    return typedef(base, type);
  }
  const { value } = argument;
  if (value.kind !== "name") {
    const message = `parameter ${parameter.name.text} of the template takes the name of a type`;
    c.diagnostics.error("bad-template", message, value.span);
    return typedef(base, UNKNOWN);
  }
  const entity = lookup(c, scope, value.name);
  if (!entity) return typedef(base, UNKNOWN);
  if (entity.kind === "exception") {
    return entity;
  }
  const { name, span } = value;
  const type = resolveType(c, scope, { kind: "named", name, span });
  reportOtherKind(c, parameter, type, span);
  return typedef(base, type);
}

function typedef(base: ReturnType<typeof entityBase>, type: ResolvedType): TypedefEntity {
  return { kind: "typedef", isParameter: true, type, underlying: underlyingOf(type), ...base };
}
