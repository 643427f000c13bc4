import type { Endpoint } from "../../orb/index.ts";

const FORM = /^(?:\[([^\]]+)\]|([^\s:/[\]]+)):(\d{1,5})$/;

/** `HOST:PORT`; undefined for anything else. */
export function parseAddress(text: string): Endpoint | undefined {
  const match = FORM.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port === 0 || port > 0xffff) return undefined;
  return { host: match[1] ?? match[2] ?? "", port };
}
