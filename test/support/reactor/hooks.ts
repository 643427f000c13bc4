import type { ResolveHook } from "node:module";

const INSTEAD_OF = "/orb/transport/tcp.js";
const REACTOR: string = new URL("./tcp.js", import.meta.url).href;

/** Gives the reactor to whoever imports the transport by node:net. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  return found.url.endsWith(INSTEAD_OF) ? { ...found, url: REACTOR } : found;
};
