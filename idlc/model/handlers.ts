import type {
  Declaration,
  InterfaceDcl,
  Model,
  Named,
  Operation,
  Parameter,
  Type,
} from "./model.ts";

const OUTERMOST = "Messaging";

/** One operation, or one attribute's getter or setter, as the implied IDL sees it. */
interface Callable {
  readonly name: string;
  readonly from: Named;
  readonly results: readonly Parameter[];
  readonly raises: Operation["raises"];
}

function callablesOf(item: InterfaceDcl): readonly Callable[] {
  const attributes = item.attributes.flatMap((a): Callable[] => {
    const value: Parameter = { name: "ami_return_val", mode: "in", type: a.type };
    const get = { name: `get_${a.name}`, from: a, results: [value], raises: a.getRaises };
    if (a.isReadonly) return [get];
    return [get, { name: `set_${a.name}`, from: a, results: [], raises: a.setRaises }];
  });
  // Nobody answers a oneway operation.
  const operations = item.operations
    .filter((o) => !o.isOneway)
    .map((o): Callable => {
      const outs = o.parameters.filter((p) => p.mode !== "in");
      const results = outs.map((p): Parameter => ({ ...p, mode: "in" }));
      if (o.result !== undefined) {
        results.unshift({ name: "ami_return_val", mode: "in", type: o.result });
      }
      return { name: o.name, from: o, results, raises: o.raises };
    });
  return [...attributes, ...operations];
}

/** `wanted` with `inserted` at `at` as often as it takes to be nobody's name. */
function free(
  make: (inserted: string) => string,
  piece: string,
  isTaken: (name: string) => boolean,
): string {
  let inserted = "";
  while (isTaken(make(inserted))) inserted += piece;
  return make(inserted);
}

function operation(
  like: Named,
  handler: readonly string[],
  name: string,
  parameters: readonly Parameter[],
): Operation {
  const texts = parameters.map((p) => `in ${typeName(p.type)} ${p.name}`);
  return {
    ...like,
    kind: "operation",
    name,
    scopedName: [...handler, name],
    repositoryId: `IDL:${[...handler, name].join("/")}:1.0`,
    annotations: [],
    isOneway: false,
    result: undefined,
    parameters,
    raises: [],
    contexts: [],
    signature: `void ${name}(${texts.join(", ")})`,
  };
}

function typeName(type: Type): string {
  switch (type.kind) {
    case "primitive":
      return type.primitive;
    case "declared":
      return type.declaration.scopedName.join("::");
    case "sequence":
      return `sequence<${typeName(type.element)}>`;
    case "array":
      return `${typeName(type.element)}[${type.length}]`;
    case "string":
    case "wstring":
    case "fixed":
    case "map":
      return type.kind;
  }
}

/** What Messaging.idl declares, without which there are no handlers. */
interface Standard {
  readonly base: InterfaceDcl;
  readonly holder: Type;
}

function standardOf(model: Model): Standard | undefined {
  const members = model.members.flatMap((m) =>
    m.kind === "module" && m.name === OUTERMOST ? m.members : [],
  );
  const base = members.find((m) => m.kind === "interface" && m.name === "ReplyHandler");
  const holder = members.find((m) => m.kind === "value" && m.name === "ExceptionHolder");
  if (base?.kind !== "interface" || holder?.kind !== "value") return undefined;
  return { base, holder: { kind: "declared", declaration: holder } };
}

class Handlers {
  readonly made = new Map<InterfaceDcl, InterfaceDcl>();
  readonly held = new Map<Operation, Operation["raises"]>();
  readonly #standard: Standard;
  readonly #isOurs: (item: InterfaceDcl) => boolean;

  constructor(standard: Standard, isOurs: (item: InterfaceDcl) => boolean) {
    this.#standard = standard;
    this.#isOurs = isOurs;
  }

  has(item: Declaration): item is InterfaceDcl {
    return (
      item.kind === "interface" &&
      item.flavour === "plain" &&
      !item.isIncomplete &&
      this.#isOurs(item)
    );
  }

  /** With the handler of each interface behind it. */
  complete(members: readonly Declaration[]): readonly Declaration[] {
    const names = new Set(members.map((m) => m.name));
    return members.flatMap((member): Declaration[] => {
      if (member.kind === "module") {
        return [{ ...member, members: this.complete(member.members) }];
      }
      if (!this.has(member)) return [member];
      return [member, this.#make(member, (name) => names.has(name))];
    });
  }

  #make(item: InterfaceDcl, isTaken: (name: string) => boolean): InterfaceDcl {
    const name = free((more) => `AMI_${more}${item.name}Handler`, "AMI_", isTaken);
    const scopedName = [...item.scopedName.slice(0, -1), name];
    const own = this.#operations(item, scopedName);
    const handler: InterfaceDcl = {
      ...item,
      name,
      scopedName,
      repositoryId: item.repositoryId.replace(/[^/:]+(?=:[^:]*$)/u, name),
      doc: `Receives the answers of asynchronous calls of ${item.scopedName.join("::")}.`,
      annotations: [],
      // Filled when all are made: a base may come later.
      bases: [],
      members: [],
      attributes: [],
      operations: own,
    };
    this.made.set(item, handler);
    return handler;
  }

  /** Those of bases that have no handler of their own are the interface's. */
  #operations(item: InterfaceDcl, handler: readonly string[]): readonly Operation[] {
    const foreign = ancestorsOf(item).filter((base) => !this.has(base));
    const callables = [...foreign, item].flatMap(callablesOf);
    const taken = new Set(callables.map((c) => c.name));
    const excep = (name: string): string =>
      free(
        (more) => `${name}${more}_excep`,
        "_ami",
        (wanted) => taken.has(wanted),
      );
    const replies = callables.map((c) => operation(c.from, handler, c.name, c.results));
    const failures = callables.map((c) => {
      const holder: Parameter = { name: "excep_holder", mode: "in", type: this.#standard.holder };
      const failed = operation(c.from, handler, excep(c.name), [holder]);
      this.held.set(failed, c.raises);
      return failed;
    });
    return [...replies, ...failures];
  }

  /** Gives the handlers their bases. */
  link(): void {
    for (const [item, handler] of this.made) {
      const bases = item.bases.flatMap((base) => this.made.get(base) ?? []);
      Object.assign(handler, { bases: bases.length === 0 ? [this.#standard.base] : bases });
    }
  }
}

function ancestorsOf(item: InterfaceDcl): readonly InterfaceDcl[] {
  const found = new Set<InterfaceDcl>();
  const visit = (one: InterfaceDcl): void => {
    for (const base of one.bases) {
      if (found.has(base)) continue;
      visit(base);
      found.add(base);
    }
  };
  visit(item);
  return [...found];
}

/** Whether the model has what Messaging.idl declares, without which there are no reply handlers. */
export function hasReplyHandling(model: Model): boolean {
  return standardOf(model) !== undefined;
}

/**
 * The model with the implied IDL of asynchronous calls (CORBA 3.3 Part 1, 17.6): a reply handler behind each
 * interface. What Messaging.idl declares must be in it.
 * @param isOurs whether an interface gets a handler; those of the standard's IDL have none
 */
export function withReplyHandlers(model: Model, isOurs: (item: InterfaceDcl) => boolean): Model {
  const standard = standardOf(model);
  if (standard === undefined) return model;
  const handlers = new Handlers(
    standard,
    (item) => item.scopedName[0] !== OUTERMOST && isOurs(item),
  );
  const members = handlers.complete(model.members);
  handlers.link();
  return { ...model, members, replyHandlers: handlers.made, heldExceptions: handlers.held };
}
