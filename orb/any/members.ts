/** Sets a member also where its name is `__proto__`, which assignment would take for the prototype. */
export function setMember(object: object, name: string, value: unknown): void {
  if (name !== "__proto__") (object as Record<string, unknown>)[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, writable: true });
}

/** What an object has under a name, itself or by its class; nothing that every object has. */
export function getMember(object: object, name: string): unknown {
  if (!Object.hasOwn(object, name) && name in Object.prototype) return undefined;
  return (object as Readonly<Record<string, unknown>>)[name];
}
