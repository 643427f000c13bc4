import type { ExceptionDcl, InterfaceDcl, Operation } from "../model/index.ts";
import { type Item, keyOf, Names, type Role } from "./names.ts";
import { GLOBALS } from "./reserved.ts";
import { runtimeName } from "./runtime-types.ts";
import type { Scope, Scopes } from "./scopes.ts";
import { quoted } from "./text.ts";

/** What generated code imports of the runtime. */
export const RUNTIME = "orbweaver/orb/generated";
const STANDARD_IDL = "orbweaver/idl";

/** Runtime functions that generated files export by the same name. */
const RUNTIME_ALIASES: ReadonlyMap<string, string> = new Map([
  ["narrow", "narrowReference"],
  ["uncheckedNarrow", "castReference"],
]);

/** Names of parameters in generated functions; an import does not take one of them. */
const LOCALS: ReadonlySet<string> = new Set([
  "ami_handler",
  "args",
  "bits",
  "core",
  "ctx",
  "e",
  "h",
  "i",
  "impl",
  "init",
  "input",
  "members",
  "o",
  "options",
  "out",
  "r",
  "ref",
  "servant",
  "v",
  "value",
  "$d",
]);

/** Whether an identifier is used as a type only, or also as a value. */
export type Use = "type" | "value";

/** The path from one file to another, both relative to the output folder. */
function relativePath(from: string, to: string): string {
  const start = from.split("/").slice(0, -1);
  const end = to.split("/");
  let same = 0;
  while (same < start.length && same < end.length - 1 && start[same] === end[same]) same += 1;
  const up = start.slice(same).map(() => "..");
  return [...(up.length === 0 ? ["."] : up), ...end.slice(same)].join("/");
}

interface Binding {
  readonly local: string;
  isType: boolean;
}

/** The longest line of an import before its names stand one to a line. */
const LINE_LENGTH = 100;

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Packages before relative paths, then by text. */
function bySpecifier(a: string, b: string): number {
  const isLocal = (text: string): number => (text.startsWith(".") ? 1 : 0);
  return isLocal(a) - isLocal(b) || byName(a, b);
}

/** What a file imports: only names it was asked for. */
class Imports {
  readonly #modules = new Map<string, Map<string, Binding>>();

  /** The local name of an import; `choose` gives one when the name is new here. */
  use(specifier: string, name: string, isType: boolean, choose: () => string): string {
    const names = this.#modules.get(specifier) ?? new Map<string, Binding>();
    this.#modules.set(specifier, names);
    const known = names.get(name);
    if (known === undefined) {
      const local = choose();
      names.set(name, { local, isType });
      return local;
    }
    known.isType &&= isType;
    return known.local;
  }

  texts(): readonly string[] {
    return [...this.#modules]
      .toSorted(([a], [b]) => bySpecifier(a, b))
      .map(([specifier, names]) => importText(specifier, names));
  }
}

function importText(specifier: string, names: ReadonlyMap<string, Binding>): string {
  const isTypeOnly = [...names.values()].every((binding) => binding.isType);
  const texts = [...names]
    .toSorted(([a], [b]) => byName(a, b))
    .map(([name, { local, isType }]) => {
      const renamed = name === local ? name : [name, "as", local].join(" ");
      return isType && !isTypeOnly ? ["type", renamed].join(" ") : renamed;
    });
  const keyword = isTypeOnly ? "import type" : "import";
  const line = [keyword, " { ", texts.join(", "), " } from ", quoted(specifier), ";"].join("");
  if (line.length <= LINE_LENGTH) return line;
  const inner = texts.map((text) => ["  ", text, ",\n"].join(""));
  return [keyword, " {\n", ...inner, "} from ", quoted(specifier), ";"].join("");
}

/** One file while it is written: hands out identifiers and remembers what has to be imported for them. */
export class OutputFile {
  readonly scope: Scope;
  readonly #scopes: Scopes;
  readonly #extension: string;
  readonly #imports = new Imports();
  readonly #locals = new Names();

  /** Whether servants of the interfaces are written. */
  readonly hasServants: boolean;

  readonly #root: string;

  /** @param root what stands before the paths of generated files; a scaffold's own path has it, too */
  constructor(scope: Scope, scopes: Scopes, extension: string, root = "") {
    this.#root = root;
    this.scope = scope;
    this.hasServants = scopes.sides !== "client";
    this.#scopes = scopes;
    this.#extension = extension;
  }

  /** Whether the client side of an interface is written: with `--servant`, only that of interfaces others mention. */
  hasClient(declaration: InterfaceDcl): boolean {
    return this.#scopes.hasClient(declaration);
  }

  /** Receives the answers of asynchronous calls; undefined where there are none. */
  replyHandlerOf(declaration: InterfaceDcl): InterfaceDcl | undefined {
    return this.#scopes.replyHandlerOf(declaration);
  }

  /** What the holder that an operation of a reply handler receives may hold; undefined for any other operation. */
  heldBy(operation: Operation): readonly ExceptionDcl[] | undefined {
    return this.#scopes.heldBy(operation);
  }

  /** The name under which the file itself declares something. */
  declare(declaration: Item, role: Role): string {
    return this.scope.names.of(keyOf(declaration, role));
  }

  /** The identifier of a declaration; imported when another file declares it. */
  refer(declaration: Item, role: Role, use: Use): string {
    const own = role === "self" ? runtimeName(declaration) : undefined;
    if (own !== undefined) return this.#import(RUNTIME, own, use, own);
    const home = this.#scopes.homeOf(declaration, role);
    const name = home.names.of(keyOf(declaration, role));
    if (home === this.scope) {
      if (declaration.kind !== "interface" || role !== "self") return name;
      // The namespace of the same name hides the interface from TypeScript's declaration emitter: it takes the
      // type for a private one (TS4022 and its like), unless it comes by an import.
      return this.#import(this.pathTo(home), name, "type", [name, "Ref"].join(""));
    }
    if (home.standard === undefined) {
      const wanted = name === "descriptor" ? [declaration.name, "Descriptor"].join("") : name;
      return this.#import(this.pathTo(home), name, use, wanted);
    }
    const [root = "", ...inner] = home.standard;
    return [this.#import(STANDARD_IDL, root, use, root), ...inner, name].join(".");
  }

  /** A function or class of the runtime. */
  runtime(name: string): string {
    return this.#import(RUNTIME, name, "value", RUNTIME_ALIASES.get(name) ?? name);
  }

  /** Something of another module, as a value. */
  import(specifier: string, name: string): string {
    return this.#import(specifier, name, "value", name);
  }

  runtimeType(name: string): string {
    return this.#import(RUNTIME, name, "type", name);
  }

  /** A global type or class; said in full where the file has another thing of that name. */
  global(name: string): string {
    return this.scope.names.isTaken(name) ? ["globalThis", name].join(".") : name;
  }

  /** A parameter or variable of generated functions: another name where the file declares that one. */
  local(name: string): string {
    let free = name;
    while (this.scope.names.isTaken(free)) free += "_";
    return free;
  }

  /** Whether the file imports or declares something by that name. */
  isKnown(name: string): boolean {
    return this.scope.names.isTaken(name) || this.#locals.isTaken(name);
  }

  /** The module specifier of another generated file. */
  pathTo(scope: Scope): string {
    return relativePath(this.scope.path, this.#root + scope.path) + this.#extension;
  }

  /** The import declarations. */
  imports(): readonly string[] {
    return this.#imports.texts();
  }

  #import(specifier: string, name: string, use: Use, wanted: string): string {
    return this.#imports.use(specifier, name, use === "type", () => {
      let free = wanted;
      while (this.scope.names.isTaken(free) || GLOBALS.has(free) || LOCALS.has(free)) free += "_";
      return this.#locals.claim([specifier, name].join(" "), free);
    });
  }
}
