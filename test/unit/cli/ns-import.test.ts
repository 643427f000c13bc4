import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { startNaming } from "../../../services/naming/index.ts";
import { type Ran, ran } from "../../support/ran.ts";

interface Service {
  readonly url: string;
  readonly ior: string;
  readonly ns: (...args: readonly string[]) => Promise<Ran>;
}

async function service(t: ExecutionContext): Promise<Service> {
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  t.teardown(() => orb.destroy());
  const naming = await startNaming({ orb });
  const url = `corbaloc:iiop:1.2@127.0.0.1:${orb.endpoints[0]?.port}/NameService`;
  return {
    url,
    ior: orb.object_to_string(naming.root),
    ns: (...args) => ran(["ns", ...args, "--ns", url]),
  };
}

function file(t: ExecutionContext, lines: readonly string[], name: string = "names"): string {
  const folder = mkdtempSync(join(tmpdir(), "ns-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

/** Some names: contexts in contexts, one context under two names, one that contains the root. */
async function filled(t: ExecutionContext): Promise<Service> {
  const one = await service(t);
  for (const name of ["metro/lines/d.line", "metro/centre", "x\\.y/ü\\/1"])
    t.is((await one.ns("bind", name, one.ior, "--parents")).code, 0);
  return one;
}

test("all names of a service are taken over, and a second time there is nothing to do", async (t) => {
  const from = await filled(t);
  const to = await service(t);
  const dry = await to.ns("import", "--from", from.url, "--dry-run");
  t.is(
    dry.out.at(-1),
    "would make 3 contexts, 3 names bound, 0 replaced; 0 there already, 0 differ",
  );
  t.true(dry.out.includes("would bind metro/lines/d.line"));
  t.deepEqual((await to.ns("tree")).out, []);
  const done = await to.ns("import", "--from", from.url);
  t.is(done.code, 0);
  t.is(done.out.at(-1), "made 3 contexts, 3 names bound, 0 replaced; 0 there already, 0 differ");
  t.deepEqual((await to.ns("tree")).out, (await from.ns("tree")).out);
  t.deepEqual(
    (await to.ns("resolve", "metro/centre")).out,
    (await from.ns("resolve", "metro/centre")).out,
  );
  t.deepEqual((await to.ns("import", "--from", from.url)).out, [
    "made 0 contexts, 0 names bound, 0 replaced; 3 there already, 0 differ",
  ]);
});

test("what stands for something else is kept and reported, and replaced on demand", async (t) => {
  const from = await filled(t);
  const to = await service(t);
  await to.ns("bind", "metro/centre", "corbaloc::127.0.0.1:1/Other", "--parents");
  await to.ns("bind", "metro/lines", to.ior);
  const { code, out } = await to.ns("import", "--from", from.url);
  t.is(code, 1);
  t.true(out.includes("differs metro/centre stands for another object there"));
  t.true(out.includes("differs metro/lines is an object there: left out with all in it"));
  t.is(out.at(-1), "made 1 contexts, 1 names bound, 0 replaced; 0 there already, 2 differ");
  const again = await to.ns("import", "--from", from.url, "--replace");
  t.true(again.out.includes("replaced metro/centre"));
  t.deepEqual(
    (await to.ns("resolve", "metro/centre")).out,
    (await from.ns("resolve", "metro/centre")).out,
  );
});

test("what was exported is imported: the same names, one context under two names, and a ring", async (t) => {
  const from = await filled(t);
  await using orb = await ORB_init(["-ORBInitRef", `NameService=${from.url}`]);
  const { CosNaming } = await import("../../../idl/index.ts");
  const root = await CosNaming.NamingContext.narrow(
    await orb.resolve_initial_references("NameService"),
  );
  const metro = await CosNaming.NamingContext.narrow(
    (await root?.resolve([{ id: "metro", kind: "" }])) ?? null,
  );
  await root?.bind_context([{ id: "again", kind: "" }], metro);
  await metro?.bind_context([{ id: "up", kind: "" }], root ?? null);
  const exported = await from.ns("export");
  t.is(exported.code, 0);
  // Its head, three contexts, three objects, the second name of a context, and the ring: nothing twice.
  t.is(exported.out.length, 9);
  const to = await service(t);
  const { code, err } = await to.ns("import", file(t, exported.out));
  t.deepEqual([code, err], [0, []]);
  t.deepEqual((await to.ns("ls", "again/up/metro")).out, ["centre", "lines/", "up/"]);
  await to.ns("unbind", "again/centre");
  t.deepEqual((await to.ns("ls", "metro")).out, ["lines/", "up/"]);
});

// A reference of omniNames' kind: host, port and key are what counts.
const reference = (key: string, port: number = 2809): string => {
  const body = Buffer.alloc(20);
  body.writeUInt8(1, 0);
  body.writeUInt8(1, 1);
  body.writeUInt8(0, 2);
  body.writeUInt32LE(2, 4);
  body.write("h\0", 8, "latin1");
  body.writeUInt16LE(port, 10);
  const octets = Buffer.from(key, "hex");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(octets.length);
  const profile = Buffer.concat([body.subarray(0, 12), length, octets]);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(1, 0);
  const type = Buffer.from("0100000001000000" + "00000000", "hex");
  const tail = Buffer.alloc(12);
  tail.writeUInt32LE(1, 0);
  tail.writeUInt32LE(0, 4);
  tail.writeUInt32LE(profile.length, 8);
  return `IOR:${Buffer.concat([type, tail, profile]).toString("hex")}`;
};
const ROOT_KEY = Buffer.from("NameService").toString("hex");
const ROOT = reference(ROOT_KEY);
const SUB_KEY = "97f2016b0100017800000001";
const SUB = reference(`ff00${SUB_KEY}`);
const HEAD = ["port 2809", "persistent 97f2016b01000178", `create ${ROOT_KEY}`];

test("omniNames' log is played back: what was unbound and destroyed is gone", async (t) => {
  const to = await service(t);
  const path = file(t, [
    ...HEAD,
    `create ${SUB_KEY}`,
    `bind ${ROOT} a\\ b c\\\\d ncontext ${SUB}`,
    `bind ${SUB} x.y  nobject ${to.ior}`,
    `bind ${SUB} gone  nobject ${to.ior}`,
    `bind ${SUB} x.y  nobject ${SUB}`,
    `unbind ${SUB} gone `,
    `bind ${ROOT} other  ncontext ${reference(ROOT_KEY, 2810)}`,
    `create 97f2016b0100017800000002`,
    `bind ${ROOT} tmp  ncontext ${reference("ff0097f2016b0100017800000002")}`,
    `unbind ${ROOT} tmp `,
    `destroy ${reference("ff0097f2016b0100017800000002")}`,
  ]);
  const { code, out, err } = await to.ns("import", path);
  t.deepEqual([code, err], [0, []]);
  t.deepEqual((await to.ns("ls")).out, ["a b.c\\\\d/", "other/"]);
  t.deepEqual((await to.ns("ls", "a b.c\\\\d")).out, ["x\\.y"]);
  t.deepEqual((await to.ns("resolve", "a b.c\\\\d/x\\.y")).out, [SUB]);
  t.true(out.includes("bound other (a context)"));
});

test("a line that was not finished is left out, and said", async (t) => {
  const to = await service(t);
  const path = file(t, [...HEAD, `bind ${ROOT} a  nobject ${to.ior}`]);
  writeFileSync(path, `bind ${ROOT} b  nobj`, { flag: "a" });
  const { code, out } = await to.ns("import", path);
  t.is(code, 0);
  t.regex(out[0] ?? "", /the last line was not finished, and is left out/);
  t.deepEqual((await to.ns("ls")).out, ["a"]);
});

const WRONG: readonly (readonly [title: string, lines: readonly string[], message: RegExp])[] = [
  [
    "an entry it has not",
    [...HEAD, "rename a b"],
    /names, line 4: "rename" is no entry of omniNames/,
  ],
  ["too few words", [...HEAD, `bind ${ROOT} a`], /line 4: "bind" with 2 words instead of 5/],
  [
    "a context that is not there",
    [...HEAD, `unbind ${SUB} a `],
    /line 4: a context that is not there/,
  ],
  [
    "a reference that cannot be read",
    [...HEAD, "unbind IOR:zz a "],
    /line 4: a reference that cannot be read/,
  ],
  ["no context at all", ["port 2809"], /no context is created in it/],
  ["a wrong escape", [...HEAD, `unbind ${ROOT} \\q `], /line 4: a "\\" that escapes nothing/],
  ["another file", ["hello"], /is neither a data file of omniNames .* nor one of ns export/],
  [
    "a line of another kind",
    ['{"format":"orbweaver names 1"}', '{"name":"a"}'],
    /line 2: an object with "name"/,
  ],
  [
    "a name before its context",
    ['{"format":"orbweaver names 1"}', '{"name":"a/b","object":"IOR:00"}'],
    /line 2: a\/b is in no context that stands before it/,
  ],
  [
    "what is no name",
    ['{"format":"orbweaver names 1"}', '{"name":"a..b","object":"IOR:00"}'],
    /line 2: "a\.\.b" is no name: a second "\." at character 3/,
  ],
];

for (const [title, lines, message] of WRONG)
  test(`refused with its line: ${title}`, async (t) => {
    const to = await service(t);
    const { code, err } = await to.ns("import", file(t, lines));
    t.not(code, 0);
    t.regex(err.join("\n"), message);
    t.deepEqual((await to.ns("ls")).out, []);
  });

test("a source is needed, and only one", async (t) => {
  t.is((await ran(["ns", "import"])).code, 2);
  t.is((await ran(["ns", "import", "a", "--from", "corbaloc::h/NameService"])).code, 2);
});
