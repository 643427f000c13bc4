import { MINOR } from "../exception/index.ts";
import { type Corbaloc, parseAddressesAndKey } from "./corbaloc.ts";
import { unescapeOctets } from "./escape.ts";
import { afterScheme, badReference } from "./reference-text.ts";

/** A name in a naming context. */
export interface Corbaname {
  /** The context. Its key is `NameService` when the text has none. */
  readonly context: Corbaloc;
  /** Stringified name, unescaped, in the syntax of NamingContextExt; "" for the context itself. */
  readonly name: string;
}

const DEFAULT_KEY = "NameService";

/**
 * Reads `corbaname:ADDRESS[,ADDRESS…][/KEY][#NAME]`; the escapes in the name stand for octets of UTF-8.
 * @throws BAD_PARAM naming the character at fault (OMG 7 scheme, 8 address, 9 key or name)
 */
export function parseCorbaname(text: string): Corbaname {
  const start = afterScheme(text, "corbaname:");
  const sharp = text.indexOf("#", start);
  const end = sharp === -1 ? text.length : sharp;
  const { addresses, key } = parseAddressesAndKey({ text, start, end });
  const context = { addresses, key: key.length > 0 ? key : new TextEncoder().encode(DEFAULT_KEY) };
  return { context, name: sharp === -1 ? "" : parseName(text, sharp + 1) };
}

function parseName(text: string, start: number): string {
  const octets = unescapeOctets(text, start, text.length);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (cause) {
    const problem = "the escapes of the name are no UTF-8";
    throw badReference(text, start, problem, MINOR.badSchemeSpecificPart, cause);
  }
}
