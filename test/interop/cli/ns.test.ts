// `orbweaver ns` with omniNames.
import type { ExecutionContext } from "ava";
import { CosNaming } from "../../../idl/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { runToEnd } from "../../support/process.ts";
import { findPeers } from "../../support/omniorb.ts";
import { type Ran, ran } from "../../support/ran.ts";
import { startCppServer } from "../cpp-peers.ts";
import { type NamingServer, startOmniNames, startOurNaming } from "../naming-peers.ts";
import { declareCheck } from "../results.ts";

const peers = await findPeers();
const SOME = "corbaloc::127.0.0.1:1/Some";

type Ns = (...args: readonly string[]) => Promise<Ran>;

type OmniNames = NamingServer & { readonly folder: string };

function declare(
  name: string,
  body: (t: ExecutionContext, ns: Ns, naming: OmniNames) => Promise<void>,
): void {
  declareCheck(`cli/ns.${name}`, peers !== undefined, async (t) => {
    await using naming = await startOmniNames();
    await body(t, (...args) => ran(["ns", ...args, "--ns", naming.corbaloc]), naming);
  });
}

async function done(t: ExecutionContext, run: Promise<Ran>): Promise<readonly string[]> {
  const { code, out, err } = await run;
  t.deepEqual([code, err], [0, []]);
  return out;
}

async function refused(t: ExecutionContext, run: Promise<Ran>, why: string): Promise<void> {
  t.deepEqual(await run, { code: 1, out: [], err: [why] });
}

declare("bind", async (t, ns, naming) => {
  t.deepEqual(await done(t, ns("ls")), []);
  await done(t, ns("bind", "metro/lines/d.line", naming.ior, "--parents"));
  t.deepEqual(await done(t, ns("ls")), ["metro/"]);
  t.deepEqual(await done(t, ns("ls", "metro/lines")), ["d.line"]);
  t.deepEqual(await done(t, ns("tree")), ["metro/", "  lines/", "    d.line"]);
  const [resolved = ""] = await done(t, ns("resolve", "metro/lines/d.line"));
  t.deepEqual(await done(t, ns("ls", "--ns", resolved)), ["metro/"], "the root is bound in itself");
  await refused(
    t,
    ns("bind", "metro/lines/d.line", SOME),
    "ns bind: metro/lines/d.line is bound already; --rebind replaces it",
  );
  await done(t, ns("bind", "metro/lines/d.line", SOME, "--rebind"));
  t.not((await done(t, ns("resolve", "metro/lines/d.line")))[0], resolved);
  const { output } = await runToEnd("nameclt", [
    "-ORBInitRef",
    `NameService=${naming.corbaloc}`,
    "list",
    "metro/lines",
  ]);
  t.is(output.trim(), "d.line", "omniORB's tool sees what ours bound");
  await done(t, ns("unbind", "metro/lines/d.line"));
  t.deepEqual(await done(t, ns("ls", "metro/lines")), []);
});

declare("refusals", async (t, ns, naming) => {
  if (peers === undefined) return;
  await using server = await startCppServer(peers);
  await done(t, ns("bind", "thing", server.ior));
  await refused(t, ns("resolve", "a/b"), "ns resolve: a/b: a/b is not bound");
  await refused(t, ns("unbind", "nothing"), "ns unbind: nothing: nothing is not bound");
  await refused(t, ns("bind", "a/b", naming.ior), "ns bind: a/b: a/b is not bound");
  const inside = await ns("resolve", "thing/inside");
  t.is(inside.code, 1);
  t.regex(inside.err[0] ?? "", /^ns resolve: thing\/inside: \S+ is no context$/);
});

declare("names", async (t, ns) => {
  const names = ["a\\/b.c\\.d", ".kind", "id", "r\\\\s"];
  for (const name of names) await done(t, ns("bind", name, SOME));
  t.deepEqual((await done(t, ns("ls"))).toSorted(), names.toSorted());
  for (const name of names) {
    await done(t, ns("resolve", name));
    await done(t, ns("unbind", name));
  }
  t.deepEqual(await done(t, ns("ls")), []);
});

declare("many", async (t, ns, naming) => {
  // More than come with one answer: the rest comes from the service's iterator.
  const count = 450;
  await using orb = await ORB_init(["-ORBInitRef", `NameService=${naming.corbaloc}`]);
  const root = await CosNaming.NamingContext.narrow(
    await orb.resolve_initial_references("NameService"),
  );
  for (let n = 0; n < count; n++) {
    await root?.bind([{ id: `n${String(n).padStart(3, "0")}`, kind: "" }], root);
  }
  const listed = await done(t, ns("ls"));
  t.is(listed.length, count);
  t.deepEqual([listed[0], listed.at(-1)], ["n000", "n449"]);
});

/** Names of all kinds in omniNames, by its own tool: contexts in contexts, a ring, one taken away, one destroyed. */
async function fill(t: ExecutionContext, ns: Ns, naming: OmniNames): Promise<void> {
  const tool = async (...args: readonly string[]): Promise<string> => {
    const initial = `NameService=${naming.corbaloc}`;
    const { code, output, errors } = await runToEnd("nameclt", ["-ORBInitRef", initial, ...args]);
    t.is(code, 0, errors);
    return output.trim();
  };
  const metro = await tool("bind_new_context", "metro lines.k ind");
  await tool("bind_new_context", "metro lines.k ind/x\\.y");
  await tool("bind", "metro lines.k ind/x\\.y/back\\\\slash", naming.ior);
  await tool("bind", ".", metro);
  await tool("-advanced", "bind_context", "metro lines.k ind/up", naming.ior);
  await tool("-advanced", "rebind", ".", naming.ior);
  await tool("bind", "gone", metro);
  await tool("unbind", "gone");
  await tool("bind_new_context", "closed");
  await tool("remove_context", "closed");
  t.deepEqual((await done(t, ns("ls"))).toSorted(), [".", "metro lines.k ind/"]);
}

/** What was taken over is what omniNames has, down to the octets of its references. */
async function same(t: ExecutionContext, theirs: Ns, ours: Ns): Promise<void> {
  for (const name of [
    undefined,
    "metro lines.k ind",
    "metro lines.k ind/x\\.y",
    "metro lines.k ind/up",
  ]) {
    const place = name === undefined ? [] : [name];
    t.deepEqual(await done(t, ours("ls", ...place)), await done(t, theirs("ls", ...place)));
  }
  for (const name of [".", "metro lines.k ind/x\\.y/back\\\\slash"])
    t.deepEqual(await done(t, ours("resolve", name)), await done(t, theirs("resolve", name)));
}

const IMPORTED = "made 2 contexts, 3 names bound, 0 replaced; 0 there already, 0 differ";

declare("import.service", async (t, ns, naming) => {
  await fill(t, ns, naming);
  await using target = await startOurNaming();
  const ours: Ns = (...args) => ran(["ns", ...args, "--ns", target.corbaloc]);
  t.is((await done(t, ours("import", "--from", naming.corbaloc))).at(-1), IMPORTED);
  await same(t, ns, ours);
});

declare("import.files", async (t, ns, naming) => {
  await fill(t, ns, naming);
  await using target = await startOurNaming();
  const ours: Ns = (...args) => ran(["ns", ...args, "--ns", target.corbaloc]);
  // The log as it is while omniNames runs; the reference of the root has the same place in the file and alive.
  t.is((await done(t, ours("import", naming.folder))).at(-1), IMPORTED);
  await same(t, ns, ours);
});
