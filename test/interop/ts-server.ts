// Serves Interop::Root, as cpp/server.cc does:
//
//   node dist/test/interop/ts-server.js [--name ID.KIND] [--fragment OCTETS] [--forward URL] [--config JSON] [-ORB…]
//
// The object has the plain key "interop" (corbaloc::HOST:PORT/interop). Prints the IOR, then "ready"; --name binds it
// in the naming service of -ORBInitRef, --fragment splits replies, --config is of the ORB, and with --forward the plain key "forwarded" leads
// on to another object. Ends when standard input ends.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { CosNaming } from "../../idl/index.ts";
import {
  type ObjectReference,
  type ORB,
  ORB_init,
  type OrbConfig,
  withoutOrbArguments,
} from "../../orb/index.ts";
import { Root } from "./servants/root.ts";
import { registerValues } from "./servants/sample-values.ts";

async function bind(orb: ORB, text: string, reference: ObjectReference): Promise<void> {
  const names = await CosNaming.NamingContextExt.narrow(
    await orb.resolve_initial_references("NameService"),
  );
  if (names === null) throw new TypeError("NameService is no NamingContextExt");
  await names.rebind(await names.to_name(text), reference);
}

const args = process.argv.slice(2);
const { values } = parseArgs({
  args: withoutOrbArguments(args),
  options: {
    name: { type: "string" },
    fragment: { type: "string" },
    forward: { type: "string" },
    config: { type: "string" },
  },
});
const fragmentOctets =
  values.fragment === undefined ? {} : { fragmentOctets: Number(values.fragment) };
const config = { ...fragmentOctets, ...(JSON.parse(values.config ?? "{}") as OrbConfig) };
await using orb = await ORB_init(args, { config: { orb: config } });
registerValues(orb);
const root = new Root(orb);
orb.rootPOA.activate_object(root);
const reference = root._this();
await root.prepare();
orb.bindPlainKey("interop", reference);
if (values.forward !== undefined)
  orb.bindPlainKey("forwarded", await orb.string_to_object(values.forward));
orb.rootPOA.the_POAManager.activate();
if (values.name !== undefined) await bind(orb, values.name, reference);
process.stdout.write(`${orb.object_to_string(reference)}\nready\n`);
process.stdin.resume();
await once(process.stdin, "end");
