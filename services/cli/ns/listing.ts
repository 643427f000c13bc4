import { CosNaming } from "../../../idl/index.ts";
import { nameToString } from "../../naming/index.ts";

export type Context = CosNaming.NamingContext;

/** Names fetched at a time. */
const BATCH = 200;
/** Names of one context that are read. */
export const MOST_BINDINGS: number = 100_000;

/** Every binding of a context, sorted by name. */
export async function bindingsOf(context: Context): Promise<CosNaming.Binding[]> {
  const { bl, bi } = await context.list(BATCH);
  const bindings = [...bl];
  if (bi !== null) {
    for (let more = true; more && bindings.length < MOST_BINDINGS; ) {
      const { result, bl: next } = await bi.next_n(BATCH);
      bindings.push(...next);
      more = result;
    }
    await bi.destroy();
  }
  const text = ({ binding_name: name }: CosNaming.Binding): string => nameToString(name);
  return bindings.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}
