/*
 * States are plain data: objects, arrays, maps, sets, numbers, strings and octets. What is frozen is shared by copies,
 * for nobody changes it; everything else is copied.
 */

/** A copy that shares what is frozen. */
export function copy<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Map) {
    const map = new Map<unknown, unknown>();
    for (const [key, one] of value) map.set(key, copyOf(one));
    return map;
  }
  if (value instanceof Set) return new Set(value);
  const object: Record<string, unknown> = {};
  for (const key in value) object[key] = copyOf((value as Record<string, unknown>)[key]);
  return object;
}

/** Freezes it with all that is in it; octets cannot be frozen, and nobody changes them. */
export function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Object.isFrozen(value)) return value;
  for (const one of Object.values(value)) freeze(one);
  return Object.freeze(value);
}

/** Texts of frozen objects: most of a state stays as it is from step to step. */
const KNOWN: WeakMap<object, string> = new WeakMap();

/** A text that two values have in common only when they are equal; maps and sets are equal in any order. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return `'${value}`;
  if (typeof value !== "object" || value === null) return String(value);
  const known = KNOWN.get(value);
  if (known !== undefined) return known;
  const text = textOfObject(value);
  if (Object.isFrozen(value)) KNOWN.set(value, text);
  return text;
}

function textOfObject(value: object): string {
  if (value instanceof Uint8Array) return `#${Buffer.from(value).toString("latin1")}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  if (value instanceof Set) return `{${[...value].map(textOf).toSorted().join(",")}}`;
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, one]) => `${textOf(key)}:${textOf(one)}`)
      .toSorted()
      .join(",")}}`;
  let text = "(";
  for (const key in value) text += `${textOf((value as Record<string, unknown>)[key])};`;
  return `${text})`;
}

/** 53 bits of a text: two of a million texts have the same with a chance of one in ten thousand (cyrb53). */
export function hashOf(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
