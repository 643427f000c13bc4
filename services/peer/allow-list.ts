import { isAbsolute, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/**
 * The URL of a module that a configuration names: a path, relative to `folder`, a URL, or a package.
 * @param folder absolute
 */
export function moduleUrl(text: string, folder: string): string {
  if (SCHEME.test(text)) return new URL(text).href;
  if (text.startsWith(".") || isAbsolute(text))
    return new URL(text, pathToFileURL(`${folder}/`)).href;
  return text;
}

/** Without `..` and doubled slashes: what is allowed by its beginning must not lead elsewhere. */
function plain(module: string): string {
  if (!module.startsWith("file:")) return module;
  try {
    return pathToFileURL(normalize(fileURLToPath(module))).href;
  } catch {
    return "";
  }
}

/** Modules that may be started from afar. */
export class AllowList {
  readonly #whole: Set<string> = new Set();
  readonly #beginnings: string[] = [];

  /**
   * @param allowed paths, URLs and packages; one that ends with `*` stands for all that begin with the rest
   * @param folder what paths are relative to
   */
  constructor(allowed: readonly string[], folder: string) {
    for (const each of allowed) {
      const isBeginning = each.endsWith("*");
      const url = moduleUrl(isBeginning ? each.slice(0, -1) : each, folder);
      if (isBeginning) this.#beginnings.push(url);
      else this.#whole.add(plain(url));
    }
  }

  /** @param module a URL */
  allows(module: string): boolean {
    const url = plain(module);
    if (url === "") return false;
    return this.#whole.has(url) || this.#beginnings.some((each) => url.startsWith(each));
  }
}
