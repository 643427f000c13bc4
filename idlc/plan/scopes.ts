import type {
  Declaration,
  ExceptionDcl,
  InterfaceDcl,
  Model,
  ModuleDcl,
  Operation,
} from "../model/index.ts";
import { mentionedIn } from "./mentioned.ts";
import { claimAll, type Item, keyOf, Names, type Role, withNested } from "./names.ts";
import { flavourOf } from "./runtime-types.ts";

/** One generated file: what is declared at file level, in a module or inside an interface. */
export interface Scope {
  /** Path of the file from the output folder, without an extension; `/` between parts. */
  readonly path: string;
  readonly owner: ModuleDcl | InterfaceDcl | undefined;
  readonly items: readonly Item[];
  /** Modules and interfaces inside, which have files of their own. */
  readonly inner: readonly Scope[];
  readonly names: Names;
  /** Names that lead to it from `orbweaver/idl`, when that has it. */
  readonly standard: readonly string[] | undefined;
  readonly isEmitted: boolean;
  /** The IDL files its declarations come from. */
  readonly sources: readonly string[];
}

/** Which side of interfaces is written. */
export type Sides = "both" | "client" | "servant";

export interface ScopeOptions {
  readonly sides: Sides;
  readonly withIncludes: boolean;
  /** Whether a file is standard IDL, whose generated code `orbweaver/idl` exports. */
  readonly isStandard: (file: string) => boolean;
}

/** Roles whose identifiers are declared in the interface's own file. */
function isInside(role: Role): boolean {
  return role !== "self" && role !== "tc";
}

/** A file's name without folders and its last extension. */
function stemOf(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

function filesOf(declaration: Declaration): readonly string[] {
  return declaration.kind === "module"
    ? declaration.members.flatMap(filesOf)
    : [declaration.place.file];
}

function hasMain(declaration: Declaration): boolean {
  return declaration.kind === "module" ? declaration.members.some(hasMain) : declaration.isMain;
}

/** What was only announced has no file, and no name of its own. */
function isWhole(declaration: Declaration): boolean {
  return !("isIncomplete" in declaration && declaration.isIncomplete);
}

/** Whether nothing is inside an interface but its repository id: that needs no file of its own. */
export function isBare(owner: InterfaceDcl): boolean {
  return flavourOf(owner) === "local" && !owner.members.some(isWhole);
}

/** Declarations at file level that are not modules, by the file they stand in. */
function byFile(model: Model): ReadonlyMap<string, readonly Declaration[]> {
  const groups = new Map<string, Declaration[]>();
  for (const member of model.members) {
    if (member.kind === "module" || !isWhole(member)) continue;
    const group = groups.get(member.place.file);
    if (group === undefined) groups.set(member.place.file, [member]);
    else group.push(member);
  }
  return groups;
}

/**
 * All scopes of a model, and where each declaration lives. A module is written as a whole as soon as one of its
 * declarations stands in a main file: its file would lose the others otherwise.
 */
export class Scopes {
  readonly all: readonly Scope[];
  readonly #homes = new Map<string, Scope>();
  readonly #interfaces = new Map<string, Scope>();
  readonly #options: ScopeOptions;
  readonly #list: Scope[] = [];
  readonly #mentioned: ReadonlySet<InterfaceDcl>;
  readonly #model: Model;

  constructor(model: Model, options: ScopeOptions) {
    this.#options = options;
    this.#model = model;
    this.#mentioned = options.sides === "servant" ? mentionedIn(model) : new Set();
    for (const member of model.members) if (member.kind === "module") this.#addModule(member);
    for (const [file, members] of byFile(model)) this.#addFile(file, members);
    this.all = this.#list;
  }

  get sides(): Sides {
    return this.#options.sides;
  }

  hasClient(declaration: InterfaceDcl): boolean {
    if (this.#options.sides !== "servant" || flavourOf(declaration) !== "plain") return true;
    return this.#mentioned.has(declaration);
  }

  /** Receives the answers of asynchronous calls; undefined where there are none. */
  replyHandlerOf(declaration: InterfaceDcl): InterfaceDcl | undefined {
    return this.#model.replyHandlers?.get(declaration);
  }

  /** What the holder that an operation of a reply handler receives may hold; undefined for any other operation. */
  heldBy(operation: Operation): readonly ExceptionDcl[] | undefined {
    return this.#model.heldExceptions?.get(operation);
  }

  /** The scope whose file declares the identifier of `role`. */
  homeOf(declaration: Item, role: Role): Scope {
    const key = declaration.scopedName.join("::");
    const isInner = declaration.kind === "interface" && isInside(role);
    const home = (isInner ? this.#interfaces : this.#homes).get(key);
    if (home === undefined) throw new RangeError(`${key} is not in the model`);
    return home;
  }

  #addModule(module: ModuleDcl): Scope {
    const isStandard = !hasMain(module) && filesOf(module).every(this.#options.isStandard);
    return this.#add(module, module.members, module.name, {
      standard: isStandard ? [module.name] : undefined,
      isEmitted: !isStandard && (this.#options.withIncludes || hasMain(module)),
    });
  }

  #addFile(file: string, members: readonly Declaration[]): void {
    // Folders may not tell upper from lower case.
    const taken = new Set(this.#list.map((scope) => scope.path.toLowerCase()));
    let path = stemOf(file);
    while (taken.has(path.toLowerCase())) path += "_";
    const isEmitted = this.#options.withIncludes || members.some(hasMain);
    this.#add(undefined, members, path, { standard: undefined, isEmitted });
  }

  #add(
    owner: Scope["owner"],
    members: readonly Declaration[],
    path: string,
    how: Pick<Scope, "standard" | "isEmitted">,
  ): Scope {
    const whole = members.filter(isWhole);
    const items = whole.flatMap(withNested);
    const names = new Names();
    claimAll(names, owner, whole);
    const inner: Scope[] = [];
    const own = owner?.kind === "interface" ? [owner.place.file] : [];
    const sources = [...new Set([...own, ...members.flatMap(filesOf)])];
    const scope: Scope = { path, owner, items, inner, names, ...how, sources };
    this.#list.push(scope);
    for (const item of items) this.#homes.set(item.scopedName.join("::"), scope);
    for (const member of whole) {
      if (member.kind === "module" || member.kind === "interface") {
        inner.push(this.#addInner(scope, member));
      }
    }
    return scope;
  }

  #addInner(outer: Scope, owner: ModuleDcl | InterfaceDcl): Scope {
    const standard = outer.standard && [...outer.standard, outer.names.of(keyOf(owner, "self"))];
    const isMain = owner.kind === "module" && (this.#options.withIncludes || hasMain(owner));
    const isEmitted = owner.kind === "interface" ? outer.isEmitted && !isBare(owner) : isMain;
    const scope = this.#add(owner, owner.members, `${outer.path}/${owner.name}`, {
      standard,
      isEmitted: isEmitted && standard === undefined,
    });
    if (owner.kind === "interface") this.#interfaces.set(owner.scopedName.join("::"), scope);
    return scope;
  }
}
