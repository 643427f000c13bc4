import type {
  AttributeNode,
  ComponentNode,
  DefinitionNode,
  FactoryNode,
  HomeNode,
  Identifier,
  InterfaceNode,
  OperationNode,
  ParameterNode,
  PortKind,
  PortNode,
  ScopedName,
  StructNode,
  TypedefNode,
  TypeSpec,
} from "../ast/index.ts";
import type { Span } from "../source/index.ts";
import {
  type Context,
  type Entity,
  kindOf,
  lookup,
  peekLookup,
  type PortTypeEntity,
  type Scope,
  textOf,
} from "../resolve/index.ts";
import { placeOfBase, seenThrough } from "./inheritance.ts";

/**
 * The equivalent interface of a component (CORBA Components 4.0, 6.4 to 6.8). What it takes from module
 * Components is left out where that is not known.
 */
export function equivalentOfComponent(
  c: Context,
  scope: Scope,
  node: ComponentNode,
): InterfaceNode {
  const { name, span, doc } = node;
  const maker = new Maker(c, span);
  reportRepeatedPorts(c, node);
  const common = { kind: "interface", flavour: "plain", name, doc, span } as const;
  const leading = node.annotations ? { annotations: node.annotations } : {};
  if (!node.body) return { ...common, ...leading, bases: [], body: undefined };
  const base = node.base ?? maker.known("CCMObject");
  const body = node.body.flatMap((member) => membersOf(c, scope, member, "", false));
  return { ...common, ...leading, bases: [...(base ? [base] : []), ...node.supports], body };
}

/** Ports stand for operations of different names, and still are one by their own. */
export function reportRepeatedPorts(c: Context, { body = [] }: ComponentNode): void {
  const seen = new Map<string, Identifier>();
  for (const member of body) {
    if (member.kind !== "port") continue;
    const { name } = member;
    const earlier = seen.get(name.text.toLowerCase());
    if (earlier) {
      const place = { message: `${earlier.text} is declared here`, span: earlier.span };
      const message = `${name.text} is already declared as a port`;
      c.diagnostics.error("redefinition", message, name.span, place);
    }
    seen.set(name.text.toLowerCase(), name);
  }
}

/** The consumer interface of an event type (CORBA Components 4.0, 6.6.1). */
export function consumerOf(
  c: Context,
  name: Identifier,
  baseEvent: Entity | undefined,
  isForward: boolean,
): InterfaceNode {
  const { span } = name;
  const maker = new Maker(c, span);
  const base = baseEvent ? consumerName(baseEvent, span) : maker.known("EventConsumerBase");
  const event = { kind: "named", name: maker.local(name.text), span } as const;
  const push = maker.operation(`push_${name.text}`, undefined, [["the_e", event]], []);
  return {
    kind: "interface",
    flavour: "plain",
    name: maker.name(`${name.text}Consumer`),
    bases: base ? [base] : [],
    body: isForward ? undefined : [push],
    doc: undefined,
    span,
  };
}

/** The three equivalent interfaces of a home (CORBA Components 4.0, 6.7). */
export function equivalentOfHome(c: Context, scope: Scope, node: HomeNode): InterfaceNode[] {
  const { name, span, doc } = node;
  const maker = new Maker(c, span);
  const base = node.base ? homeBase(c, scope, node.base) : maker.known("CCMHome");
  const component: TypeSpec = { kind: "named", name: node.manages, span: node.manages.span };
  const common = { kind: "interface", flavour: "plain", span } as const;
  const explicit: InterfaceNode = {
    ...common,
    name: maker.name(`${name.text}Explicit`),
    bases: [...(base ? [base] : []), ...node.supports],
    body: node.body.map((member) => factoryOperation(maker, member, component)),
    doc: undefined,
  };
  const keyless = node.primaryKey ? undefined : maker.known("KeylessCCMHome");
  const implicit: InterfaceNode = {
    ...common,
    name: maker.name(`${name.text}Implicit`),
    bases: keyless ? [keyless] : [],
    body: implicitOperations(maker, component, node.primaryKey),
    doc: undefined,
  };
  const both: InterfaceNode = {
    ...common,
    name,
    bases: [maker.local(`${name.text}Explicit`), maker.local(`${name.text}Implicit`)],
    body: [],
    doc,
    ...(node.annotations ? { annotations: node.annotations } : {}),
  };
  checkHome(c, scope, node);
  return [explicit, implicit, both];
}

function checkHome(c: Context, scope: Scope, node: HomeNode): void {
  const managed = lookup(c, scope, node.manages, false);
  if (managed && managed.kind !== "refused" && !isComponent(managed)) {
    const message = `${textOf(node.manages)} is ${kindOf(managed)}; a home manages a component`;
    c.diagnostics.error("bad-component", message, node.manages.span, placeOfBase(managed));
  }
  const key = node.primaryKey && lookup(c, scope, node.primaryKey, false);
  if (!key || !node.primaryKey || key.kind === "refused" || seenThrough(key).kind === "value")
    return;
  const message = `${textOf(node.primaryKey)} is ${kindOf(key)}; a primary key is a valuetype`;
  c.diagnostics.error("bad-component", message, node.primaryKey.span, placeOfBase(key));
}

function isComponent(entity: Entity): boolean {
  const { ...seen } = seenThrough(entity);
  return (
    seen.kind === "interface" &&
    (seen.role?.kind === "component" || seen.role?.kind === "connector")
  );
}

function homeBase(c: Context, scope: Scope, name: ScopedName): ScopedName | undefined {
  const found = lookup(c, scope, name, false);
  if (!found || found.kind === "refused") return undefined;
  if (found.kind !== "interface" || found.role?.kind !== "home") {
    const message = `${textOf(name)} is ${kindOf(found)}; a home inherits from a home only`;
    c.diagnostics.error("bad-component", message, name.span, placeOfBase(found));
    return undefined;
  }
  return absolute(found.path.with(-1, `${found.name}Explicit`), name.span);
}

function factoryOperation(maker: Maker, node: DefinitionNode, result: TypeSpec): DefinitionNode {
  if (node.kind !== "factory" && node.kind !== "finder") return node;
  const fault = maker.known(node.kind === "factory" ? "CreateFailure" : "FinderFailure");
  return maker.fromFactory(node, result, fault ? [fault, ...node.raises] : node.raises);
}

function implicitOperations(
  maker: Maker,
  component: TypeSpec,
  key: ScopedName | undefined,
): OperationNode[] {
  if (!key) return [maker.operation("create", component, [], ["CreateFailure"])];
  const keyType = { kind: "named", name: key, span: key.span } as const;
  const byKey = [["key", keyType]] as const;
  const find = ["FinderFailure", "UnknownKeyValue", "InvalidKey"];
  return [
    maker.operation("create", component, byKey, [
      "CreateFailure",
      "DuplicateKeyValue",
      "InvalidKey",
    ]),
    maker.operation("find_by_primary_key", component, byKey, find),
    maker.operation("remove", undefined, byKey, ["RemoveFailure", "UnknownKeyValue", "InvalidKey"]),
    maker.operation("get_primary_key", keyType, [["comp", component]], []),
  ];
}

/** What one port or attribute of a component stands for; ports of a port type get its name before theirs. */
function membersOf(
  c: Context,
  scope: Scope,
  node: DefinitionNode,
  before: string,
  isMirrored: boolean,
): DefinitionNode[] {
  if (node.kind === "attribute") return [before === "" ? node : renamed(c, scope, node, before)];
  if (node.kind !== "port") return [node];
  const port = isMirrored ? MIRRORED[node.port] : node.port;
  const found = portTarget(c, scope, node);
  if (port === "port" || port === "mirrorport") {
    if (found?.kind !== "porttype") return [];
    return portTypeMembers(c, node, found, before, port === "mirrorport");
  }
  const name = before + node.name.text;
  const maker = new Maker(c, node.name.span);
  const type = found && before !== "" ? named(absolute(found.path, node.type.span)) : node.type;
  if (port === "provides") return [maker.operation(`provide_${name}`, type, [], [])];
  if (port === "uses") return usesMembers(maker, { ...node, type }, name);
  return found ? eventMembers(maker, port, name, consumerName(found, node.type.span)) : [];
}

const MIRRORED: Readonly<Record<PortKind, PortKind>> = {
  provides: "uses",
  uses: "provides",
  emits: "consumes",
  publishes: "consumes",
  consumes: "publishes",
  port: "mirrorport",
  mirrorport: "port",
};

const EXPECTED: Readonly<Record<PortKind, string>> = {
  provides: "an interface",
  uses: "an interface",
  emits: "an event type",
  publishes: "an event type",
  consumes: "an event type",
  port: "a port type",
  mirrorport: "a port type",
};

/** What a port's type names, when it is of the right kind; else a report. */
function portTarget(c: Context, scope: Scope, node: PortNode): Entity | undefined {
  if (node.type.kind !== "named") return undefined;
  const found = lookup(c, scope, node.type.name);
  if (!found || found.kind === "refused") return undefined;
  const seen = seenThrough(found);
  const expected = EXPECTED[node.port];
  const isRight =
    (expected === "an interface" && seen.kind === "interface") ||
    (expected === "an event type" && seen.kind === "value" && seen.isEvent) ||
    (expected === "a port type" && seen.kind === "porttype");
  if (isRight) return seen;
  const message = `${node.port} takes ${expected}; ${textOf(node.type.name)} is ${kindOf(found)}`;
  c.diagnostics.error("bad-component", message, node.type.span, placeOfBase(found));
  return undefined;
}

function named(name: ScopedName): TypeSpec {
  return { kind: "named", name, span: name.span };
}

/** Names in a port type mean what they do where it is declared, not where the component is. */
function portTypeMembers(
  c: Context,
  node: PortNode,
  found: PortTypeEntity,
  before: string,
  isMirrored: boolean,
): DefinitionNode[] {
  const prefix = `${before}${node.name.text}_`;
  return (found.node.body ?? []).flatMap((m) =>
    membersOf(c, found.declaredIn, m, prefix, isMirrored),
  );
}

/** An attribute of a port type, as the component has it. */
function renamed(c: Context, scope: Scope, node: AttributeNode, before: string): AttributeNode {
  const settled = (name: ScopedName): ScopedName => {
    const found = lookup(c, scope, name, false);
    return found ? absolute(found.path, name.span) : name;
  };
  return {
    ...node,
    names: node.names.map((name) => ({ ...name, text: before + name.text })),
    type: node.type.kind === "named" ? named(settled(node.type.name)) : node.type,
    getRaises: node.getRaises.map(settled),
    setRaises: node.setRaises.map(settled),
  };
}

function usesMembers(maker: Maker, node: PortNode, name: string): DefinitionNode[] {
  const { type } = node;
  if (!node.isMultiple) {
    return [
      maker.operation(
        `connect_${name}`,
        undefined,
        [["conxn", type]],
        ["AlreadyConnected", "InvalidConnection"],
      ),
      maker.operation(`disconnect_${name}`, type, [], ["NoConnection"]),
      maker.operation(`get_connection_${name}`, type, [], []),
    ];
  }
  const all = maker.localType(`${name}Connections`);
  return [
    maker.struct(`${name}Connection`, [
      ["objref", type],
      ["ck", maker.cookie()],
    ]),
    maker.sequence(`${name}Connections`, maker.localType(`${name}Connection`)),
    maker.operation(
      `connect_${name}`,
      maker.cookie(),
      [["connection", type]],
      ["ExceededConnectionLimit", "InvalidConnection"],
    ),
    maker.operation(`disconnect_${name}`, type, [["ck", maker.cookie()]], ["InvalidConnection"]),
    maker.operation(`get_connections_${name}`, all, [], []),
  ];
}

function eventMembers(
  maker: Maker,
  port: PortKind,
  name: string,
  consumerOfEvent: ScopedName,
): DefinitionNode[] {
  const consumer = { kind: "named", name: consumerOfEvent, span: consumerOfEvent.span } as const;
  const parameter = [["consumer", consumer]] as const;
  if (port === "consumes") return [maker.operation(`get_consumer_${name}`, consumer, [], [])];
  if (port === "emits") {
    return [
      maker.operation(`connect_${name}`, undefined, parameter, ["AlreadyConnected"]),
      maker.operation(`disconnect_${name}`, consumer, [], ["NoConnection"]),
    ];
  }
  return [
    maker.operation(`subscribe_${name}`, maker.cookie(), parameter, ["ExceededConnectionLimit"]),
    maker.operation(
      `unsubscribe_${name}`,
      consumer,
      [["ck", maker.cookie()]],
      ["InvalidConnection"],
    ),
  ];
}

function consumerName(event: Entity, span: Span): ScopedName {
  return absolute(event.path.with(-1, `${event.name}Consumer`), span);
}

function absolute(path: readonly string[], span: Span): ScopedName {
  return {
    isAbsolute: true,
    parts: path.map((text) => ({ text, isEscaped: false, span })),
    span,
  };
}

/** Makes declarations that stand for what is written at one place. */
class Maker {
  readonly #c: Context;
  readonly #span: Span;

  constructor(c: Context, span: Span) {
    this.#c = c;
    this.#span = span;
  }

  name(text: string): Identifier {
    return { text, isEscaped: false, span: this.#span };
  }

  local(text: string): ScopedName {
    return { isAbsolute: false, parts: [this.name(text)], span: this.#span };
  }

  localType(text: string): TypeSpec {
    return { kind: "named", name: this.local(text), span: this.#span };
  }

  /** A name of module Components; undefined where it is not declared or not complete. */
  known(text: string): ScopedName | undefined {
    const name = absolute(["Components", text], this.#span);
    const entity = peekLookup(this.#c, this.#c.global, name);
    const isOpen = entity && "state" in entity && entity.state !== "complete";
    return entity && !isOpen ? name : undefined;
  }

  /** Components::Cookie, or any valuetype. */
  cookie(): TypeSpec {
    const name = this.known("Cookie");
    if (name) return { kind: "named", name, span: this.#span };
    return { kind: "primitive", primitive: "ValueBase", span: this.#span };
  }

  operation(
    name: string,
    result: TypeSpec | undefined,
    parameters: readonly (readonly [string, TypeSpec])[],
    raises: readonly string[],
  ): OperationNode {
    return {
      kind: "operation",
      name: this.name(name),
      isOneway: false,
      result,
      parameters: parameters.map(
        ([text, type]): ParameterNode => ({
          mode: "in",
          name: this.name(text),
          type,
          span: this.#span,
        }),
      ),
      raises: raises.flatMap((text) => this.known(text) ?? []),
      contexts: [],
      doc: undefined,
      span: this.#span,
    };
  }

  fromFactory(
    { name, parameters, doc, span }: FactoryNode,
    result: TypeSpec,
    raises: readonly ScopedName[],
  ): OperationNode {
    const common = { kind: "operation", isOneway: false, contexts: [] } as const;
    return { ...common, name, result, parameters, raises, doc, span };
  }

  struct(name: string, members: readonly (readonly [string, TypeSpec])[]): StructNode {
    const span = this.#span;
    return {
      kind: "struct",
      name: this.name(name),
      base: undefined,
      members: members.map(([text, type]) => ({
        type,
        declarators: [{ name: this.name(text), dimensions: [] }],
        doc: undefined,
        span,
      })),
      doc: undefined,
      span,
    };
  }

  sequence(name: string, element: TypeSpec): TypedefNode {
    const span = this.#span;
    return {
      kind: "typedef",
      type: { kind: "sequence", element, bound: undefined, span },
      declarators: [{ name: this.name(name), dimensions: [] }],
      doc: undefined,
      span,
    };
  }
}
