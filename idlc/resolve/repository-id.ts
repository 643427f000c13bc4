import type { Span } from "../source/index.ts";
import type { RepositoryIdState } from "./entity.ts";

interface Frame {
  prefix: string;
  /** Names below the scope that holds the prefix pragma. */
  names: readonly string[];
  /** Names of all scopes around the place. */
  readonly path: readonly string[];
  readonly isFile: boolean;
  /** Whether the prefix is one of `typeprefix`, which holds in files included there, too. */
  isTyped: boolean;
}

/**
 * The prefixes in force. A prefix goes in front of the names that stand below the scope in which its
 * pragma is written, and ends with that scope (CORBA 3.3 Part 1, 14.7.5).
 */
export class PrefixFrames {
  readonly #frames: Frame[] = [{ prefix: "", names: [], path: [], isFile: true, isTyped: false }];

  get depth(): number {
    return this.#frames.length;
  }

  setPrefix(prefix: string): void {
    const frame = this.#top();
    frame.prefix = prefix;
    frame.names = [];
    frame.isTyped = false;
  }

  enterScope(name: string): void {
    const { prefix, names, path, isTyped } = this.#top();
    const below = { names: [...names, name], path: [...path, name] };
    this.#frames.push({ prefix, ...below, isFile: false, isTyped });
  }

  /** `typeprefix`: from here on, ids in the scope of that path have the prefix before their whole path. */
  setTypePrefix(scopePath: readonly string[], prefix: string): void {
    for (const frame of this.#frames) {
      const isWithin = scopePath.every((name, i) => frame.path[i] === name);
      if (!isWithin || frame.path.length < scopePath.length) continue;
      frame.prefix = prefix;
      frame.names = frame.path;
      frame.isTyped = true;
    }
  }

  /** An included file starts without a prefix, but for that of `typeprefix`. */
  enterFile(): void {
    const { prefix, names, path, isTyped } = this.#top();
    const kept = isTyped ? { prefix, names } : { prefix: "", names: [] };
    this.#frames.push({ ...kept, path, isFile: true, isTyped });
  }

  leaveFile(): void {
    // A module that the file opened and left open stays as it is.
    if (this.#frames.length > 1 && this.#top().isFile) this.#frames.pop();
  }

  /** Back to the frames there were, whatever files have done in between. */
  restore(depth: number): void {
    while (this.#frames.length > depth) this.#frames.pop();
  }

  /** The id that a declaration gets here by default. */
  idOf(name: string): RepositoryIdState {
    const { prefix, names } = this.#top();
    return new DefaultId(prefix, names, name);
  }

  #top(): Frame {
    return this.#frames.at(-1) as Frame;
  }
}

/** The id of a declaration; its text is put together when asked for, which is never for most. */
class DefaultId implements RepositoryIdState {
  version: string = "1.0";
  fixed: string | undefined = undefined;
  setAt: Span | undefined = undefined;
  readonly #prefix: string;
  readonly #names: readonly string[];
  readonly #name: string;
  #path: string | undefined;

  constructor(prefix: string, names: readonly string[], name: string) {
    this.#prefix = prefix;
    this.#names = names;
    this.#name = name;
  }

  get path(): string {
    const prefix = this.#prefix === "" ? [] : [this.#prefix];
    this.#path ??= [...prefix, ...this.#names, this.#name].join("/");
    return this.#path;
  }

  set path(path: string) {
    this.#path = path;
  }
}

export function repositoryIdText(id: RepositoryIdState): string {
  return id.fixed ?? `IDL:${id.path}:${id.version}`;
}

/** Whether a text has the form of all repository ids, `format:rest`. */
export function isRepositoryId(text: string): boolean {
  return /^[^:\s]+:\S+$/.test(text);
}

/** Carries out `#pragma ID`; the fault when the id was set to another before. */
export function fixId(id: RepositoryIdState, text: string, span: Span): string | undefined {
  if (id.setAt && repositoryIdText(id) !== text)
    return `the repository id is already set to ${repositoryIdText(id)}`;
  id.fixed = text;
  id.setAt ??= span;
  return undefined;
}

/** Carries out `#pragma version`; the fault when the id or version was set to another before. */
export function setVersion(id: RepositoryIdState, version: string, span: Span): string | undefined {
  if (id.fixed?.endsWith(`:${version}`)) return undefined;
  const isSame = id.fixed === undefined && id.version === version;
  if (id.setAt && !isSame) return `the repository id is already set to ${repositoryIdText(id)}`;
  id.version = version;
  id.setAt ??= span;
  return undefined;
}
