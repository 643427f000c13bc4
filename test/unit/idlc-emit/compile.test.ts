import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { Project } from "ts-morph";
import { compilePaths, compileSamples, ROOT, scratchFolder, writeFiles } from "./support.ts";

/** A user's file: what has to compile, and what must not. */
const USE = `
import { CosNaming } from "orbweaver/idl";
import { isEnumerator, unlisted } from "orbweaver/orb";
import type { Servant } from "orbweaver/orb/generated";
import * as Bank from "./gen/Bank.js";
import * as Broad from "./gen/Broad.js";
import { User } from "./gen/Second.js";
import * as Evil from "./gen/Evil.js";
import * as words from "./gen/class.js";
import { Level, type Loose } from "./gen/broad_.js";
import * as Guards from "./gen/Guards.js";

export class Account extends Bank.AccountSkeleton {
  close(): void {}
  _get_known_as(): Bank.Ref { return { $d: "check", iban: "PT50" }; }
  _get_owner(): Promise<string> { return Promise.resolve("me"); }
  _set_owner(value: string): void { void value; }
  withdraw(cents: bigint): { result: bigint; log: Bank.Entries } {
    if (cents > Bank.LIMIT) throw new Bank.Account.NoFunds({ missing: cents - Bank.LIMIT });
    return { result: cents, log: [{ text: "out", cents }] };
  }
  ping(): void {}
  async joint(other: Bank.Account | null): Promise<Bank.Account | null> { return other ?? this._this(); }
}

// @ts-expect-error: operations are missing
export class Half extends Bank.AccountSkeleton { close(): void {} }

export const tied: Servant = Bank.Closable.tie({ close: () => undefined });
// @ts-expect-error: close() is missing
export const badTie: Servant = Bank.Closable.tie({});

export async function client(context: CosNaming.NamingContext): Promise<string> {
  const account = await Bank.Account.narrow(await context.resolve([{ id: "a", kind: "" }]), { timeoutMs: 5 });
  if (account === null) return "nil";
  const closable: Bank.Closable = account;
  await closable.close({ signal: AbortSignal.timeout(1) });
  const sure: Bank.Account = Bank.Account.uncheckedNarrow(closable);
  // @ts-expect-error: a structure is no reference
  await sure.joint({ close: () => Promise.resolve() });
  const known = await sure._get_known_as();
  // @ts-expect-error: which member there is depends on $d
  void known.iban;
  switch (known.$d) {
    case Bank.Kind.save:
      return String(known.id);
    case "check":
      return known.iban;
  }
}

export const kind: Bank.Kind = Bank.Kind.save;
// @ts-expect-error: no such enumerator
export const badKind: Bank.Kind = "spend";
// @ts-expect-error: 64 bits are bigint
export const badEntry: Bank.Entry = { text: "", cents: 5 };
export const loose: Loose = { at: Level.mid, n: 1 };
export const inner: Broad.Outer_Inner = { k: "two", n: 1 };
export const open: Broad.ByLong = { $d: 7, c: [[1, 2, 3], [4, 5, 6]] };
export const octets: Broad.Arrays["d"] = new Uint8Array(20);
export const full: string = new Broad.Full({ message: "m", name_: 1, stack_: "", cause_: null as never, repositoryId_: "red", whole: { label: "", kids: [] }, who: null }).message;
export type Keyword = words.function_.new_;
export function user(u: User): Promise<CosNaming.Name> { return u.to_name("a/b"); }

export function told(reply: Guards.Reply): string {
  switch (reply.$d) {
    case Guards.ACCEPTED:
      return reply.by;
    case Guards.REFUSED:
    case Guards.LATE:
      return reply.why.text;
    default:
      return String(reply.$d);
  }
}
export const accepted: Guards.Reply = { $d: Guards.ACCEPTED, by: "me" };
export const unknownReply: Guards.Reply = { $d: unlisted(9) };
// @ts-expect-error: that label is another member's
export const badReply: Guards.Reply = { $d: Guards.REFUSED, by: "me" };
export function shown(signal: Guards.Signal): string {
  switch (signal.$d) {
    case Guards.STOP:
      return String(signal.at);
    case "proceed":
      return signal.to;
  }
}
export function codeOf(message: Guards.Message): number {
  // The rest is of any other number: the member tells it apart.
  if ("code" in message) return message.code;
  return message.$d;
}
export function reason(error: unknown): string {
  if (error instanceof Guards.Refusal) return error.why;
  return isEnumerator(Guards.Light, error) ? lightName(error) : "other";
}
function lightName(light: Guards.Light): string { return light; }
let attempts = Guards.LIMIT;
attempts = 7;
let light: Guards.Light = Guards.STOP;
light = "proceed";
export const state: readonly unknown[] = [attempts, light];
export function thenable(foo: Evil.Foo): Promise<void> { return foo.then__(1, 2); }
`;

const folder = scratchFolder();
const files = await compileSamples("broad.idl", "names.idl", "Bank.idl", "Whole.idl", "Guards.idl");
writeFiles(folder, [
  ...files.map((f) => ({ ...f, path: join("gen", f.path) })),
  { path: "use.ts", text: USE },
]);

/** The house's own settings, over the scratch folder. */
function settings(): string {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8")) as {
    compilerOptions: Record<string, unknown>;
  };
  const {
    tsBuildInfoFile: _,
    outDir: __,
    rootDir: ___,
    incremental: ____,
    ...options
  } = compilerOptions;
  return JSON.stringify({
    compilerOptions: { ...options, noEmit: true },
    include: ["gen", "use.ts"],
  });
}

writeFileSync(join(folder, "tsconfig.json"), settings());

test.after.always(() => rmSync(folder, { recursive: true }));

test("generated code and a user's code compile under the house's settings with the compiler in use", async (t) => {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const ran = await promisify(execFile)(process.execPath, [tsc, "-p", folder]).then(
    () => "",
    (error: { stdout?: string }) => error.stdout ?? "tsc did not run",
  );
  t.is(ran, "");
});

test("and with the one ts-morph brings", (t) => {
  const project = new Project({ tsConfigFilePath: join(folder, "tsconfig.json") });
  const diagnostics = project.getPreEmitDiagnostics();
  t.is(project.formatDiagnosticsWithColorAndContext(diagnostics), "");
  t.true(project.getSourceFile("use.ts") !== undefined);
});

test("an import-extension of .ts or none is used throughout", async (t) => {
  for (const importExtension of [".ts", ""]) {
    const path = join(ROOT, "test/unit/idlc-emit/idl/broad.idl");
    const text = (await compilePaths([path], { importExtension })).map((f) => f.text).join("\n");
    t.true(text.includes(`from "../Broad${importExtension}";`));
    t.false(/from "\.[^"]*\.js"/.test(text));
  }
});
