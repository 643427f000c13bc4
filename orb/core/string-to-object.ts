import { BAD_PARAM, Completion, MINOR, UNKNOWN } from "../exception/index.ts";
import {
  type Corbaloc,
  corbalocToIor,
  type Ior,
  iorFromString,
  isNilIor,
  parseCorbaloc,
  parseCorbaname,
} from "../ior/index.ts";
import type { Operation } from "../call/index.ts";
import { invoke, type ObjectReference, readObject } from "../object/index.ts";

/** What reading a stringified reference needs of the ORB. */
export interface ReferenceSource {
  reference(ior: Ior): ObjectReference;
  /** `rir:`: an initial reference. */
  initial(id: string): Promise<ObjectReference>;
}

/** NamingContextExt::resolve_str, which parses the name where it is known. */
const RESOLVE_STR: Operation<never, readonly [string], ObjectReference | null> = {
  name: "resolve_str",
  writeArguments: (out, args) => void out.string(args[0]),
  readArguments: (input) => [input.string()],
  writeResult: () => undefined,
  readResult: (input) => readObject(input),
  upcall: () => null,
};

function locate(corbaloc: Corbaloc, source: ReferenceSource): Promise<ObjectReference> {
  if (corbaloc.addresses[0]?.protocol === "rir") {
    const id = Buffer.from(corbaloc.key).toString("utf8");
    return source.initial(id === "" ? "NameService" : id);
  }
  return Promise.resolve(source.reference(corbalocToIor(corbaloc)));
}

async function resolveName(text: string, source: ReferenceSource): Promise<ObjectReference | null> {
  const { context, name } = parseCorbaname(text);
  const naming = await locate(context, source);
  if (name === "") return naming;
  try {
    return await invoke(naming, RESOLVE_STR, [name]);
  } catch (cause) {
    if (!(cause instanceof UNKNOWN)) throw cause;
    throw new BAD_PARAM(
      `"${name}" in ${text} was not resolved: ${cause.message}`,
      MINOR.badStringifiedReference,
      Completion.no,
      { cause },
    );
  }
}

/** @throws BAD_PARAM, and for `corbaname:` what asking the naming service raises */
export async function stringToObject(
  text: string,
  source: ReferenceSource,
): Promise<ObjectReference | null> {
  const trimmed = text.trim();
  const scheme = trimmed.slice(0, trimmed.indexOf(":") + 1).toLowerCase();
  switch (scheme) {
    case "ior:": {
      const ior = iorFromString(trimmed);
      return isNilIor(ior) ? null : source.reference(ior);
    }
    case "corbaloc:":
      return await locate(parseCorbaloc(trimmed), source);
    case "corbaname:":
      return await resolveName(trimmed, source);
    default:
      throw new BAD_PARAM(
        `"${trimmed.slice(0, 40)}" is no object reference; allowed: IOR:…, corbaloc:…, corbaname:…`,
        MINOR.badScheme,
        Completion.no,
      );
  }
}
