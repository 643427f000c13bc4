/** `callee(a, b)`; arguments that are undefined at the end are left out. */
export function call(callee: string, ...args: readonly (string | undefined)[]): string {
  const given = args.filter((arg) => arg !== undefined);
  return [callee, "(", given.join(", "), ")"].join("");
}

/** `object.name` */
export function member(object: string, name: string): string {
  return [object, name].join(".");
}

/** `(a, b) => result` */
export function arrow(parameters: readonly string[], result: string): string {
  return ["(", parameters.join(", "), ") => ", result].join("");
}

/** `{ a: x, b }`; `__proto__` in brackets, because it would set the prototype otherwise. */
export function objectLiteral(
  entries: readonly (readonly [name: string, value: string])[],
): string {
  if (entries.length === 0) return "{}";
  const texts = entries.map(([name, value]) => {
    if (name === value) return name;
    return [name === "__proto__" ? '["__proto__"]' : name, value].join(": ");
  });
  return ["{ ", texts.join(", "), " }"].join("");
}

/** `{ readonly a: T; readonly b: U }` */
export function objectType(entries: readonly (readonly [name: string, type: string])[]): string {
  if (entries.length === 0) return "{}";
  const texts = entries.map(([name, type]) => ["readonly ", name, ": ", type].join(""));
  return ["{ ", texts.join("; "), " }"].join("");
}

/** A string literal in double quotes, with nothing in it that breaks a line. */
export function quoted(text: string): string {
  return JSON.stringify(text)
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029")
    .replaceAll("\u007f", "\\u007f");
}

/** The literal of a constant or a union's label. */
export function literal(value: string | number | bigint | boolean): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return [value.toString(), "n"].join("");
  return Object.is(value, -0) ? "-0" : String(value);
}
