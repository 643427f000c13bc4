import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { PortableServer } from "orbweaver/idl";
import * as orb from "orbweaver/orb";
import { compilePaths, scratchFolder, writeFiles } from "../idlc-emit/support.ts";
import { ROOT } from "./support.ts";

/** What the ORB has itself, it takes from user code and gives to it. */
const USE = `
import { PortableServer } from "orbweaver/idl";
import { type POA, type Policy, Servant, WrongPolicy } from "orbweaver/orb";
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
});
