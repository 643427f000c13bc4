import { BAD_PARAM, MINOR } from "../exception/index.ts";
import { corbalocToIor, parseCorbaloc } from "./corbaloc.ts";
import { parseCorbaname } from "./corbaname.ts";
import { describeIor, type IorDescription } from "./description.ts";
import { iorFromString } from "./stringified.ts";

/**
 * Everything that `IOR:…`, `corbaloc:…` or, for its naming context, `corbaname:…` says by itself:
 * nothing is asked for over the network.
 * @throws BAD_PARAM naming the character at fault; OMG 8 for `rir:`, which has no address
 */
export function describeReference(reference: string): IorDescription {
  const text = reference.trim();
  switch (text.slice(0, text.indexOf(":") + 1).toLowerCase()) {
    case "ior:":
      return describeIor(iorFromString(text));
    case "corbaloc:":
      return describeIor(corbalocToIor(parseCorbaloc(text)));
    case "corbaname:":
      return describeIor(corbalocToIor(parseCorbaname(text).context));
    default:
      throw new BAD_PARAM(
        `"${text.slice(0, 40)}" is no object reference; allowed: IOR:…, corbaloc:…, corbaname:…`,
        MINOR.badScheme,
      );
  }
}
