// `orbweaver call` with omniORB's server: what JSON becomes on its way there and back.
import type { ExecutionContext } from "ava";
import type { Json } from "../../../services/json/index.ts";
import { iiopProfilesOf, iorFromString } from "../../../orb/ior/index.ts";
import { findPeers } from "../../support/omniorb.ts";
import { type Ran, ran } from "../../support/ran.ts";
import { startCppServer } from "../cpp-peers.ts";
import { declareCheck } from "../results.ts";
import { withRepository } from "../ts-peers.ts";

const peers = await findPeers();
const IDL = ["--idl", "test/interop/Interop.idl"];

/** Calls operations of a server's objects. */
class Caller {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  run(target: string, ...args: readonly string[]): Promise<Ran> {
    return ran(["call", target, ...IDL, "--", ...args]);
  }

  async result(target: string, ...args: readonly string[]): Promise<Json> {
    const { code, out, err } = await this.run(target, ...args);
    if (code !== 0) throw new Error(err.join("\n"));
    return JSON.parse(out.join("\n")) as Json;
  }

  /** The reference that an attribute of the root has. */
  async part(attribute: string): Promise<string> {
    const reference = await this.result(this.root, attribute);
    if (typeof reference !== "string") throw new TypeError(`${attribute} is no reference`);
    return reference;
  }
}

function declare(name: string, body: (t: ExecutionContext, caller: Caller) => Promise<void>): void {
  declareCheck(`cli/call.${name}`, peers !== undefined, async (t) => {
    if (peers === undefined) return;
    await using server = await startCppServer(peers);
    await body(t, new Caller(server.ior));
  });
}

declare("numbers", async (t, caller) => {
  const primitives = await caller.part("of_primitives");
  t.regex(primitives, /^IOR:/);
  t.is(await caller.result(primitives, "flip_long", "-2"), 1);
  t.is(await caller.result(primitives, "flip_long_long", "0"), "-1");
  t.is(await caller.result(primitives, "echo_double", '"-Infinity"'), "-Infinity");
  t.is(await caller.result(primitives, "ping"), null);
  const mixed = await caller.result(primitives, "mixed", "4", '"7"', "true", "x");
  t.deepEqual(mixed, { result: 4, b: "-8", c: 4.5, d: false, e: 120 });
});

declare("constructed", async (t, caller) => {
  const constructed = await caller.part("of_constructed");
  t.is(await caller.result(constructed, "next_colour", "red"), "green");
  t.deepEqual(await caller.result(constructed, "mirror", '{"x": 1, "y": -2.5}'), { x: -2.5, y: 1 });
  const chain = { value: 1, children: [{ value: 2, children: [] }] };
  const node = await caller.result(constructed, "make_chain", "2");
  t.deepEqual(node, chain);
  t.is(await caller.result(constructed, "node_depth", JSON.stringify(node)), 2);
});

declare("unions_and_anys", async (t, caller) => {
  const unions = await caller.part("of_unions");
  t.is(await caller.result(unions, "describe", '{"$d": true, "yes": "abc"}'), "TRUE yes=abc");
  const short = { $d: 32767, most: "end" };
  t.deepEqual(await caller.result(unions, "echo_by_short", JSON.stringify(short)), short);
  const dynamic = await caller.part("of_dynamic");
  const point = { type: "IDL:test.orbweaver/Interop/Point:1.0", value: { x: 1, y: 2 } };
  t.deepEqual(await caller.result(dynamic, "echo_any", JSON.stringify(point)), point);
});

declare("exceptions", async (t, caller) => {
  const faults = await caller.part("of_faults");
  const refused = await caller.run(faults, "raise_refused", "7", "no room");
  t.is(refused.code, 1);
  t.deepEqual(refused.out, []);
  t.deepEqual(JSON.parse(refused.err.join("\n")), {
    exception: "IDL:test.orbweaver/Interop/Refused:1.0",
    members: { code: 7, why: "no room" },
  });
  const missing = await caller.run(faults, "not_implemented");
  t.is(missing.code, 1);
  const { exception, minor, completed } = JSON.parse(missing.err.join("\n")) as Record<
    string,
    Json
  >;
  t.deepEqual(
    [exception, minor, completed],
    ["IDL:omg.org/CORBA/NO_IMPLEMENT:1.0", 0, "COMPLETED_NO"],
  );
});

declare("attributes", async (t, caller) => {
  const attributes = await caller.part("of_attributes");
  t.is(await caller.result(attributes, "text", "grüezi"), null);
  t.is(await caller.result(attributes, "text"), "grüezi");
  t.is(await caller.result(attributes, "level", "5"), null);
  t.is(await caller.result(attributes, "level"), 5);
});

declare("oneway", async (t, caller) => {
  const oneways = await caller.part("of_oneways");
  await caller.result(oneways, "clear");
  t.is(await caller.result(oneways, "add", "3"), null);
  t.is(await caller.result(oneways, "add", "4"), null);
  t.is(await caller.result(oneways, "wait", "2"), "7");
});

declare("plain_key", async (t, caller) => {
  const [profile] = iiopProfilesOf(iorFromString(caller.root));
  const plain = `corbaloc:iiop:1.2@${profile?.host}:${profile?.port}/interop`;
  const { code, out } = await ran([
    "call",
    plain,
    "--interface",
    "Interop::Root",
    ...IDL,
    "of_texts",
  ]);
  t.is(code, 0);
  t.regex(out[0] ?? "", /^"IOR:[0-9a-f]+"$/);
  // Without --interface the object is asked what it is.
  t.regex((await ran(["call", plain, ...IDL])).out.join("\n"), /of_texts/);
  const nobody = await ran(["call", plain.replace(/interop$/, "nobody"), ...IDL, "of_texts"]);
  t.is(nobody.code, 1);
  t.regex(nobody.err.join("\n"), /OBJECT_NOT_EXIST/);
});

declareCheck("cli/call.repository", peers !== undefined, async (t) => {
  if (peers === undefined) return;
  await withRepository(async (initRef) => {
    await using server = await startCppServer(peers, ["-ORBInitRef", initRef]);
    const listed = await ran(["call", server.ior]);
    t.deepEqual([listed.code, listed.err], [0, []]);
    t.regex(listed.out.join("\n"), /of_unions/);
    const { out } = await ran(["call", server.ior, "of_unions"]);
    const unions = JSON.parse(out.join("\n")) as string;
    const described = await ran(["call", unions, "describe", '{"$d": false, "no": 7}']);
    t.deepEqual(described, { code: 0, out: ['"FALSE no=7"'], err: [] });
  });
});
