import { Any } from "../any/index.ts";
import type { OperationContext } from "../cdr/index.ts";
import { BAD_CONTEXT, BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import { tc } from "../typecode/index.ts";
import { ARG_IN, CTX_RESTRICT_SCOPE, type Flags } from "./flags.ts";
import { NVList } from "./nvlist.ts";

const NAME = /^[A-Za-z][\w.]*$/;
const PATTERN = /^(?:\*|[A-Za-z][\w.]*\*?)$/;

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/**
 * CORBA::Context: properties that travel with operations whose IDL has a `context` clause. What a context
 * does not have its parent may have (CORBA 3.3 Part 1, 8).
 */
export class Context {
  readonly context_name: string;
  readonly parent: Context | null;
  readonly #values = new Map<string, string>();

  /** Use `orb.get_default_context()` and `create_child`. */
  constructor(name: string = "", parent: Context | null = null) {
    this.context_name = name;
    this.parent = parent;
  }

  /** @throws BAD_PARAM for a name that is no identifier */
  create_child(name: string): Context {
    if (!NAME.test(name)) {
      throw new BAD_PARAM(`"${name}" cannot name a context`, MINOR.badContextName);
    }
    return new Context(name, this);
  }

  /** @throws BAD_PARAM for a name that is no identifier, or a value that is no string */
  set_one_value(name: string, value: string | Any): void {
    if (!NAME.test(name)) {
      const text = `"${name}" cannot name a context property: letters, digits, "_" and "."`;
      throw new BAD_PARAM(text, MINOR.badContextPropertyName);
    }
    const string = value instanceof Any ? value.value : value;
    if (typeof string !== "string") {
      throw new BAD_PARAM(`context property ${name} is no string`, MINOR.wrongJavaScriptType);
    }
    this.#values.set(name, string);
  }

  /** Sets a property for each item: its name and its value, a string. @throws BAD_PARAM */
  set_values(values: NVList): void {
    for (const { name, value } of values) this.set_one_value(name, value);
  }

  /**
   * Properties by name, or by the beginning of their names followed by `*`.
   * @param startScope name of the context to begin with, this one where empty
   * @param flags CTX_RESTRICT_SCOPE to leave out the parents
   * @throws BAD_CONTEXT where the scope or a property is not there, BAD_PARAM for a malformed pattern
   */
  get_values(startScope: string, flags: Flags, pattern: string): NVList {
    checkPattern(pattern);
    const scope = this.#scope(startScope);
    const found = flags === CTX_RESTRICT_SCOPE ? scope.#values : new Map(scope.#inherited());
    const list = new NVList();
    for (const [name, value] of found) {
      if (matches(name, pattern)) list.add_value(name, new Any(tc.string(), value), ARG_IN);
    }
    if (list.count === 0) throw missing(`no context property matches "${pattern}"`);
    return list;
  }

  /** Takes properties from this context alone. @throws BAD_CONTEXT where none matches, BAD_PARAM */
  delete_values(pattern: string): void {
    checkPattern(pattern);
    const names = [...this.#values.keys()].filter((name) => matches(name, pattern));
    if (names.length === 0) throw missing(`no context property matches "${pattern}"`);
    for (const name of names) this.#values.delete(name);
  }

  /** Internal: all properties, as they are sent. */
  get _properties(): OperationContext {
    return Object.fromEntries(this.#inherited());
  }

  /** Internal: a context as it was received. */
  static _of(properties: OperationContext): Context {
    const context = new Context();
    for (const [name, value] of Object.entries(properties)) context.#values.set(name, value);
    return context;
  }

  #inherited(): ReadonlyMap<string, string> {
    if (this.parent === null) return this.#values;
    return new Map([...this.parent.#inherited(), ...this.#values]);
  }

  #scope(name: string): Context {
    if (name === "" || name === this.context_name) return this;
    if (this.parent !== null) return this.parent.#scope(name);
    throw missing(`no context is called "${name}"`);
  }
}

function checkPattern(pattern: string): void {
  if (PATTERN.test(pattern)) return;
  const text = `"${pattern}" is no name of a context property, nor the beginning of one and "*"`;
  throw new BAD_PARAM(text, MINOR.badContextSearchString);
}

function missing(text: string): BAD_CONTEXT {
  return new BAD_CONTEXT(text, MINOR.contextPropertyNotFound, Completion.no);
}
