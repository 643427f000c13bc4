import test, { type ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { startNaming } from "../../../services/naming/index.ts";
import { type Ran, ran } from "../../support/ran.ts";

type Ns = (...args: readonly string[]) => Promise<Ran>;

async function scene(
  t: ExecutionContext,
): Promise<{ readonly ns: Ns; readonly ior: string; readonly url: string }> {
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  t.teardown(() => orb.destroy());
  const naming = await startNaming({ orb });
  const url = `corbaloc:iiop:1.2@127.0.0.1:${orb.endpoints[0]?.port}/NameService`;
  const ns: Ns = (...args) => ran(["ns", ...args, "--ns", url]);
  return { ns, ior: orb.object_to_string(naming.root), url };
}

test("names are bound, listed, resolved and taken away", async (t) => {
  const { ns, ior } = await scene(t);
  t.deepEqual(await ns("ls"), { code: 0, out: [], err: [] });
  t.deepEqual(await ns("bind", "metro/lines/d.line", ior, "--parents"), {
    code: 0,
    out: [],
    err: [],
  });
  await ns("bind", "metro/centre", ior, "--parents");
  t.deepEqual((await ns("ls")).out, ["metro/"]);
  t.deepEqual((await ns("ls", "metro")).out, ["centre", "lines/"]);
  t.deepEqual((await ns("tree")).out, ["metro/", "  centre", "  lines/", "    d.line"]);
  t.deepEqual((await ns("resolve", "metro/lines/d.line")).out, [ior]);
  t.is((await ns("unbind", "metro/centre")).code, 0);
  t.deepEqual((await ns("ls", "metro")).out, ["lines/"]);
});

test("what the service refuses is said in words", async (t) => {
  const { ns, ior } = await scene(t);
  await ns("bind", "a", ior);
  t.deepEqual((await ns("bind", "a", ior)).err, [
    "ns bind: a is bound already; --rebind replaces it",
  ]);
  t.is((await ns("bind", "a", ior, "--rebind")).code, 0);
  t.deepEqual((await ns("resolve", "b/c")).err, ["ns resolve: b/c: b/c is not bound"]);
  t.is((await ns("resolve", "b/c")).code, 1);
  t.regex((await ns("resolve", "b//c")).err[0] ?? "", /"b\/\/c" is no name: an empty component/);
  t.regex((await ns("ls", "nowhere")).err[0] ?? "", /nowhere is not bound/);
});

test("more names than one answer holds are all listed", async (t) => {
  const { ns, ior, url } = await scene(t);
  await using orb = await ORB_init(["-ORBInitRef", `NameService=${url}`]);
  const { CosNaming } = await import("../../../idl/index.ts");
  const root = await CosNaming.NamingContext.narrow(
    await orb.resolve_initial_references("NameService"),
  );
  const self = await orb.string_to_object(ior);
  for (let i = 0; i < 450; i++) await root?.bind([{ id: `n${i}`, kind: "" }], self);
  t.is((await ns("ls")).out.length, 450);
});

test("-ORBInitRef names the service, too; nobody there is an error in words", async (t) => {
  const { url, ior } = await scene(t);
  await ran(["ns", "bind", "a", ior, "--ns", url]);
  t.deepEqual((await ran(["ns", "ls", "-ORBInitRef", `NameService=${url}`])).out, ["a"]);
  const { code, err } = await ran([
    "ns",
    "ls",
    "--ns",
    "corbaloc::127.0.0.1:1/NameService",
    "--timeout",
    "2",
  ]);
  t.is(code, 1);
  t.regex(err[0] ?? "", /^ns ls: .*127\.0\.0\.1:1/);
});

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["ns"], /what is it to do\? allowed: ls, tree, resolve, bind, unbind/],
  [["ns", "mv"], /"mv" is nothing it does/],
  [["ns", "bind", "a"], /ns bind: takes 2 arguments, not 1/],
  [["ns", "ls", "a", "b"], /ns ls: takes 0 or 1 arguments, not 2/],
];

for (const [args, message] of WRONG) {
  test(`refused: orbweaver ${args.join(" ")}`, async (t) => {
    const { code, err } = await ran(args);
    t.is(code, 2);
    t.regex(err[0] ?? "", message);
  });
}
