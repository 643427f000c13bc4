import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { CORBA, DynamicAny, PortableServer } from "orbweaver/idl";
import * as orb from "orbweaver/orb";
import { compilePaths, scratchFolder, writeFiles } from "../idlc-emit/support.ts";
import { ROOT } from "./support.ts";

/** What the ORB has itself, it takes from user code and gives to it. */
const USE = `
import { DynamicAny, PortableServer } from "orbweaver/idl";
import { Any, type Current, DynAnyFactory, DynStruct, InvalidValue, type POA, type Policy, Servant, tc, WrongPolicy } from "orbweaver/orb";
import { User } from "./index.js";

export const mine: User.MyPolicy = { policy_type: 0x6f770000, value: 5 };
// @ts-expect-error: the value is a long
export const wrong: User.MyPolicy = { policy_type: 0x6f770000, value: "5" };
export function deployIn(root: POA): User.Deploy {
  return {
    home(policies: readonly Policy[], servant: Servant): POA {
      void root.create_POA("inner", null, [...policies, mine]);
      root.activate_object(servant);
      return root;
    },
  };
}
export function current(of: Current<POA>): PortableServer.Current {
  return of;
}
export function described(factory: DynamicAny.DynAnyFactory, value: DynamicAny.DynAny): string {
  const whole: DynamicAny.DynAny = factory.create_dyn_any(new Any(tc.long, 1));
  try {
    return whole.equal(value) ? "" : value instanceof DynStruct ? value.current_member_name() : "";
  } catch (error) {
    return error instanceof DynamicAny.DynAny.InvalidValue && error instanceof InvalidValue ? error.message : "";
  }
}
export const name: string = described(new DynAnyFactory(), new DynAnyFactory().create_dyn_any(new Any(tc.long, 1)));
export async function used(deploy: User.Deploy, servant: Servant): Promise<string | undefined> {
  try {
    return deploy.home([mine], servant)?.the_name;
  } catch (error) {
    return error instanceof PortableServer.POA.WrongPolicy && error instanceof WrongPolicy ? error.message : undefined;
  }
}
`;

const SETTINGS = {
  extends: join(ROOT, "tsconfig.json"),
  compilerOptions: { noEmit: true, incremental: false, tsBuildInfoFile: null, rootDir: ROOT },
  include: ["gen"],
  exclude: [],
};

test("IDL that builds upon standard IDL becomes code that builds upon orbweaver/idl", async (t) => {
  const folder = scratchFolder();
  t.teardown(() => rmSync(folder, { recursive: true }));
  const files = await compilePaths([join(ROOT, "test/unit/idl-omg/idl/User.idl")]);
  t.deepEqual(
    files
      .map(({ path }) => path.split("/")[0])
      .filter((path) => !/^User(\.ts)?$/u.test(path ?? "")),
    [],
    "nothing but what the file itself declares",
  );
  const packages = files.flatMap(({ text }) =>
    [...text.matchAll(/ from "(?<name>[^."][^"]*)"/gu)].map(
      (match) => match.groups?.["name"] ?? "",
    ),
  );
  t.deepEqual([...new Set(packages)].toSorted(), ["orbweaver/idl", "orbweaver/orb/generated"]);
  writeFiles(join(folder, "gen"), files);
  writeFileSync(join(folder, "gen/index.ts"), 'export * as User from "./User.js";\n');
  writeFileSync(join(folder, "gen/use.ts"), USE);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(SETTINGS));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const ran = await promisify(execFile)(process.execPath, [tsc, "-p", folder]).then(
    () => "",
    (error: { stdout?: string }) => error.stdout ?? "tsc did not run",
  );
  t.is(ran, "");
});

test("what the ORB raises is what the standard's module exports", (t) => {
  t.is<unknown, unknown>(PortableServer.POA.WrongPolicy, orb.WrongPolicy);
  t.is<unknown, unknown>(PortableServer.POAManager.AdapterInactive, orb.AdapterInactive);
  t.is<unknown, unknown>(PortableServer.Current.NoContext, orb.NoContext);
  t.is<unknown, unknown>(PortableServer.Servant, orb.Servant);
  t.is<unknown, unknown>(PortableServer.ForwardRequest, orb.ForwardRequest);
  t.is<unknown, unknown>(CORBA.PolicyError, orb.PolicyError);
  t.is<unknown, unknown>(CORBA.Bounds, orb.Bounds);
  t.is<unknown, unknown>(CORBA.InvalidPolicies, orb.InvalidPolicies);
  t.is<unknown, unknown>(DynamicAny.MustTruncate, orb.MustTruncate);
  t.is<unknown, unknown>(DynamicAny.DynAny.InvalidValue, orb.InvalidValue);
  t.is<unknown, unknown>(DynamicAny.DynAny.TypeMismatch, orb.TypeMismatch);
  t.is<unknown, unknown>(DynamicAny.DynAnyFactory.InconsistentTypeCode, orb.InconsistentTypeCode);
});

/** The exceptions that a module and its inner modules export, by the ids of their TypeCodes. */
function exceptionsOf(
  module: Readonly<Record<string, unknown>>,
): readonly (readonly [declared: string, own: string])[] {
  return Object.entries(module).flatMap(([name, value]) => {
    const type: unknown = module[`_tc_${name}`];
    if (type instanceof orb.TypeCode && typeof value === "function" && "repositoryId" in value) {
      return [[type.id(), String(value.repositoryId)] as const];
    }
    const isModule =
      typeof value === "object" && value !== null && !(value instanceof orb.TypeCode);
    return isModule ? exceptionsOf(value as Readonly<Record<string, unknown>>) : [];
  });
}

test("exceptions of the ORB have the repository ids that the standard's IDL gives them", (t) => {
  const pairs = exceptionsOf({ CORBA, DynamicAny, PortableServer });
  t.true(pairs.length > 20);
  for (const [declared, own] of pairs) t.is(own, declared);
});
