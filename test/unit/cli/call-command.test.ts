import test, { type ExecutionContext } from "ava";
import { ORB_init } from "../../../orb/index.ts";
import { startInterfaceRepository } from "../../../services/ifr/index.ts";
import { startNaming } from "../../../services/naming/index.ts";
import { type Ran, ran } from "../../support/ran.ts";

const IDL = "idl/omg/CosNaming.idl";

/** A naming service; `call` calls it by its IDL, over a socket. */
async function scene(
  t: ExecutionContext,
  withRepository: boolean = false,
): Promise<{
  readonly ior: string;
  readonly port: number;
  readonly call: (...args: readonly string[]) => Promise<Ran>;
}> {
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  t.teardown(() => orb.destroy());
  const naming = await startNaming({ orb });
  if (withRepository) await startInterfaceRepository({ orb, files: [IDL] });
  const ior = orb.object_to_string(naming.root);
  const idl = withRepository ? [] : ["--idl", IDL];
  return {
    ior,
    port: orb.endpoints[0]?.port ?? 0,
    call: (...args) => ran(["call", ior, ...args, ...idl]),
  };
}

const NAME = '[{"id":"trindade","kind":"station"}]';

function jsonOf({ out }: Ran): unknown {
  return JSON.parse(out.join("\n"));
}

for (const withRepository of [false, true]) {
  const source = withRepository ? "the interface repository" : "IDL";
  test(`operations are called as ${source} has them: structs, references, out parameters`, async (t) => {
    const { call, ior } = await scene(t, withRepository);
    const bound = await call("bind", NAME, ior);
    t.deepEqual(bound, { code: 0, out: ["null"], err: [] });
    t.is(jsonOf(await call("resolve", NAME)), ior);
    t.deepEqual(jsonOf(await call("list", "10")), {
      bl: [{ binding_name: [{ id: "trindade", kind: "station" }], binding_type: "nobject" }],
      bi: null,
    });
    t.is(jsonOf(await call("to_string", NAME)), "trindade.station");
    t.is(jsonOf(await call("resolve_str", "trindade.station")), ior, "text needs no quotes");
  });

  test(`a user exception is JSON on the standard error, known from ${source}`, async (t) => {
    const { call } = await scene(t, withRepository);
    const { code, out, err } = await call("resolve", NAME);
    t.deepEqual([code, out], [1, []]);
    t.deepEqual(JSON.parse(err.join("\n")), {
      exception: "IDL:omg.org/CosNaming/NamingContext/NotFound:1.0",
      members: { why: "missing_node", rest_of_name: [{ id: "trindade", kind: "station" }] },
    });
  });
}

test("a system exception is JSON, too", async (t) => {
  const { call } = await scene(t);
  const { code, err } = await call("bind_context", NAME, "null");
  t.is(code, 1);
  const { exception, completed } = JSON.parse(err.join("\n")) as Record<string, unknown>;
  t.deepEqual([exception, completed], ["IDL:omg.org/CORBA/BAD_PARAM:1.0", "COMPLETED_NO"]);
});

test("attributes are read by their names", async (t) => {
  const orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
  t.teardown(() => orb.destroy());
  const { root } = await startInterfaceRepository({ orb, files: [IDL] });
  const { out } = await ran([
    "call",
    orb.object_to_string(root),
    "def_kind",
    "--idl",
    "idl/omg/orb.idl",
  ]);
  t.deepEqual(out, ['"dk_Repository"']);
});

test("a reference without a type: the object is asked, or told by --interface", async (t) => {
  const { port, ior } = await scene(t);
  const url = `corbaloc:iiop:1.2@127.0.0.1:${port}/NameService`;
  const asked = await ran(["call", url, "to_name", "a.b", "--idl", IDL]);
  t.deepEqual(jsonOf(asked), [{ id: "a", kind: "b" }]);
  const plain = ["call", url, "--interface", "CosNaming::NamingContext", "--idl", IDL];
  const told = await ran([...plain, "to_name", "a.b"]);
  t.is(told.code, 1);
  t.regex(
    told.err[0] ?? "",
    /CosNaming::NamingContext has no to_name; it has\n {2}void bind\(in Name n, in Object obj\)/,
  );
  const wrong = await ran(["call", ior, "--interface", "No::Such", "--idl", IDL]);
  t.regex(wrong.err[0] ?? "", /no interface No::Such; it has CosNaming::NamingContext, /);
});

test("without an operation the operations are listed", async (t) => {
  const { call } = await scene(t);
  const { code, out } = await call();
  t.is(code, 0);
  t.true(out.includes("URLString to_url(in Address addr, in StringName sn)"), out.join("\n"));
});

const WRONG: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
  [["resolve"], 2, /resolve takes 1 arguments \(n\), not 0/],
  [["resolve", "{"], 2, /the argument n is no JSON: \{/],
  [["resolve", "5"], 1, /^orbweaver: n: an array is needed, not number 5/],
  [["resolve", '[{"id":"a"}]'], 1, /n\[0\]: kind is missing/],
  [["list", "-1"], 2, /'-1'/],
  [["--idl", "nowhere.idl", "list", "1"], 1, /cannot read nowhere\.idl/],
  [["--timeout", "x", "list", "1"], 2, /--timeout x: seconds are needed/],
];

for (const [args, code, message] of WRONG) {
  test(`refused: orbweaver call REF ${args.join(" ")}`, async (t) => {
    const { call } = await scene(t);
    const result = await call(...args);
    t.is(result.code, code, result.err.join("\n"));
    t.regex(result.err.join("\n"), message);
  });
}

test("no reference, no interface repository, nil", async (t) => {
  t.regex((await ran(["call"])).err[0] ?? "", /call: a reference is needed/);
  t.regex((await ran(["call", `IOR:${"0".repeat(32)}`, "x"])).err[0] ?? "", /the reference is nil/);
  const { ior } = await scene(t);
  const { code, err } = await ran(["call", ior, "list", "1"]);
  t.is(code, 1);
  t.regex(err[0] ?? "", /has no interface repository .*give its IDL with --idl FILE/);
});
