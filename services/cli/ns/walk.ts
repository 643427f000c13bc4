import { CosNaming } from "../../../idl/index.ts";
import { describeReference, type ORB } from "../../../orb/index.ts";
import { nameToString } from "../../naming/index.ts";
import { bindingsOf, type Context } from "./listing.ts";
import {
  NamesFileError,
  type NamesTree,
  type SourceBinding,
  type SourceTarget,
} from "./names-tree.ts";

/** Contexts that are read of one service. */
const MOST_CONTEXTS = 100_000;

/** The root of a server of ours, by the key that it has besides `NameService`. */
const OUR_ROOT = Buffer.from("\0contexts\0\0root");
const NAME_SERVICE = Buffer.from("NameService");

interface Spot {
  /** Host and port: contexts of one server have the same. */
  readonly place: string;
  /** Place and object key: the same for the same context, whatever else its reference says. */
  readonly key: string;
}

function spotOf(text: string): Spot {
  const iiop = describeReference(text).profiles.find((profile) => profile.iiop !== undefined)?.iiop;
  if (iiop === undefined) return { place: "", key: text };
  const place = `${iiop.host}:${iiop.port}`;
  const key = Buffer.from(iiop.objectKey);
  const isRoot = key.subarray(-OUR_ROOT.length).equals(OUR_ROOT);
  return { place, key: `${place} ${(isRoot ? NAME_SERVICE : key).toString("hex")}` };
}

/**
 * Reads all names of a naming service that runs, context after context. A context at another address is another
 * server's, and only its reference is taken.
 * @throws NamesFileError when there are too many; what the calls throw
 */
export async function walkNames(orb: ORB, from: Context): Promise<NamesTree> {
  const { place: home, key: root } = spotOf(orb.object_to_string(from));
  const contexts = new Map<string, readonly SourceBinding[]>();
  const notes: string[] = [];
  const waiting: (readonly [key: string, context: Context, name: string])[] = [[root, from, ""]];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [key, context, place] = next;
    if (contexts.has(key)) continue;
    if (contexts.size >= MOST_CONTEXTS)
      throw new NamesFileError(`more than ${MOST_CONTEXTS} contexts: are there any without end?`);
    const bindings: SourceBinding[] = [];
    contexts.set(key, bindings);
    for (const { binding_name: name, binding_type: type } of await bindingsOf(context)) {
      const [component] = name;
      if (component === undefined) continue;
      const text = `${place}${nameToString([component])}`;
      const reference = await context.resolve([component]);
      const ior = orb.object_to_string(reference);
      let target: SourceTarget = { type: "object", ior };
      if (type === "ncontext") {
        if (reference === null) {
          notes.push(`${text} is a context without a reference: left out`);
          continue;
        }
        const spot = spotOf(ior);
        const isHere = spot.place === home;
        target = isHere ? { type: "context", key: spot.key } : { type: "foreign-context", ior };
        if (isHere)
          waiting.push([spot.key, CosNaming.NamingContext.uncheckedNarrow(reference), `${text}/`]);
      }
      bindings.push({ component, target });
    }
  }
  return { root, contexts, notes };
}
