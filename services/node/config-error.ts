/** A configuration that cannot be used; the message names file, line where it is known, key, and what is allowed. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly file: string;
  /** Dotted path of the key, e.g. `orb.listen`; `undefined` when it is the file as a whole. */
  readonly key: string | undefined;
  /** What is wrong, without the place. */
  readonly what: string;

  constructor(
    file: string,
    key: string | undefined,
    what: string,
    options: ErrorOptions & { readonly line?: number | undefined } = {},
  ) {
    const { line } = options;
    const place = line === undefined ? file : `${file}:${line}`;
    super(key === undefined ? `${place}: ${what}` : `${place}: ${key}: ${what}`, options);
    this.file = file;
    this.key = key;
    this.what = what;
  }
}
