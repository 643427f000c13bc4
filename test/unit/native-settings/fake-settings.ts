import type { SettingFiles } from "../../../native/index.ts";

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** Settings of a machine that exists only here, by their paths. */
export class FakeSettings implements SettingFiles {
  readonly texts: Map<string, string>;
  /** Refuses a text: the code, or undefined where it is taken. */
  readonly #refuses: (path: string, text: string) => string | undefined;

  constructor(
    texts: Readonly<Record<string, string>>,
    refuses: (path: string, text: string) => string | undefined = () => undefined,
  ) {
    this.texts = new Map(Object.entries(texts));
    this.#refuses = refuses;
  }

  exists(path: string): boolean {
    return [...this.texts.keys()].some((each) => each === path || each.startsWith(`${path}/`));
  }

  groups(directory: string): readonly string[] {
    const below = [...this.texts.keys()].filter((each) => each.startsWith(`${directory}/`));
    const names = below.map((each) => each.slice(directory.length + 1).split("/"));
    return [...new Set(names.flatMap(([name = "", ...rest]) => (rest.length > 0 ? [name] : [])))];
  }

  read(path: string): string {
    const text = this.texts.get(path);
    if (text === undefined) throw failure("ENOENT", path);
    return `${text}\n`;
  }

  write(path: string, text: string): void {
    if (!this.texts.has(path)) throw failure("ENOENT", path);
    const code = this.#refuses(path, text.trim());
    if (code !== undefined) throw failure(code, path);
    this.texts.set(path, text.trim());
  }
}
