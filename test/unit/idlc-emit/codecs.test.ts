import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import fc from "fast-check";
import { ts } from "ts-morph";
import { writeValue } from "../../../orb/any/index.ts";
import { type CdrContext, CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, MARSHAL, type UserException } from "../../../orb/exception/index.ts";
import { TypeCode } from "../../../orb/typecode/index.ts";
import { compileSamples, scratchFolder, writeFiles } from "./support.ts";
import { valuesOf } from "./values.ts";

/** A generated module, its exports by name. */
type Module = Readonly<Record<string, unknown>>;

interface Codec {
  readonly name: string;
  readonly type: TypeCode;
  readonly write: (out: CdrOutput, v: unknown) => void;
  readonly read: (input: CdrInput) => unknown;
}

const folder = scratchFolder();

const files = (await compileSamples("broad.idl", "names.idl")).map(({ path, text }) => ({
  path: path.replace(/\.ts$/, ".js"),
  text: ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
    },
  }).outputText,
}));
writeFiles(folder, files);

function urlOf(path: string): string {
  return pathToFileURL(join(folder, path)).href;
}

const modules = new Map<string, Module>();
for (const { path } of files) modules.set(path, (await import(urlOf(path))) as Module);

// After the last await: AVA takes tests only while the file has not paused since the first.
test.after.always(() => rmSync(folder, { recursive: true }));

function moduleAt(path: string): Module {
  const found = modules.get(path);
  if (found === undefined) throw new RangeError(`${path} was not generated`);
  return found;
}

/** All types of a module that have a TypeCode and functions of their own. */
function codecsOf(path: string): readonly Codec[] {
  const module = moduleAt(path);
  return Object.entries(module).flatMap(([key, type]) => {
    const name = key.replace(/^_tc_/, "");
    const [write, read] = [module[`write${name}`], module[`read${name}`]];
    if (!(type instanceof TypeCode) || typeof write !== "function" || typeof read !== "function")
      return [];
    if (type.kind() === "tk_except") return [];
    return [
      {
        name: `${path} ${name}`,
        type,
        write: write as Codec["write"],
        read: read as Codec["read"],
      },
    ];
  });
}

/** References are nil here, so there is nothing to know of them. */
const context: CdrContext = {
  writeObject: (out) => void out.string("").ulong(0),
  readObject: (input) => {
    input.string();
    input.ulong();
    return null;
  },
};

const CODECS: readonly Codec[] = [
  "Broad.js",
  "broad_.js",
  "Broad/Peer.js",
  "Broad/Deep.js",
].flatMap(codecsOf);

function octetsOf(write: (out: CdrOutput) => void, littleEndian: boolean): Uint8Array {
  const out = new CdrOutput({ littleEndian, context });
  write(out);
  return out.finish().slice();
}

test("there are codecs for all kinds of types", (t) => {
  const kinds = new Set(CODECS.map((codec) => codec.type.kind()));
  t.deepEqual([...kinds].toSorted(), ["tk_alias", "tk_enum", "tk_struct", "tk_union"]);
  t.true(CODECS.length > 30);
});

for (const { name, type, write, read } of CODECS)
  test(`${name}: the octets its TypeCode says, and back`, (t) => {
    const property = fc.property(valuesOf(type, 3), fc.boolean(), (value, littleEndian) => {
      const octets = octetsOf((out) => write(out, value), littleEndian);
      t.deepEqual(
        octets,
        octetsOf((out) => writeValue(out, type, value), littleEndian),
      );
      const input = new CdrInput(octets, { littleEndian, context });
      const back = read(input);
      t.is(input.remaining, 0);
      t.deepEqual(
        octetsOf((out) => write(out, back), littleEndian),
        octets,
      );
      const cut = octets.subarray(0, octets.length - 1);
      t.throws(() => read(new CdrInput(cut, { littleEndian, context })), { instanceOf: MARSHAL });
    });
    fc.assert(property, { numRuns: 25 });
  });

test("an exception travels by its class, its members renamed where Error has them", (t) => {
  const { Full, _tc_Full, writeFull, readFull } = moduleAt("Broad.js") as {
    Full: new (members: object) => UserException & Record<string, unknown>;
    _tc_Full: TypeCode;
    writeFull: (out: CdrOutput, e: unknown) => void;
    readFull: (input: CdrInput) => UserException & Record<string, unknown>;
  };
  const members = {
    message: "no",
    name: 7,
    stack: "heap",
    cause: null,
    repositoryId: "green",
    whole: { label: "", kids: [] },
    who: null,
  };
  const { name, stack, repositoryId, cause: _, ...same } = members;
  const sample = fc.sample(valuesOf(_tc_Full, 1), 1)[0] as { cause: unknown };
  const thrown = new Full({
    ...same,
    name_: name,
    stack_: stack,
    repositoryId_: repositoryId,
    cause_: sample.cause,
  });
  t.true(thrown instanceof Error);
  t.is(thrown.message, "no");
  t.is(thrown.name, "Full");
  t.is(thrown.repositoryId, "IDL:example.org/Broad/Full:1.0");
  const octets = octetsOf((out) => writeFull(out.string(thrown.repositoryId), thrown), true);
  const plain = { ...members, cause: sample.cause };
  t.deepEqual(
    octets,
    octetsOf((out) => writeValue(out, _tc_Full, plain), true),
  );
  const input = new CdrInput(octets, { context });
  input.string();
  const back = readFull(input);
  t.true(back instanceof Full);
  t.is(back["name_"], 7);
  t.is(back["stack_"], "heap");
});

test("a bound, an array's length, an unknown enumerator and an unknown ordinal are refused", (t) => {
  const broad = moduleAt("Broad.js") as Record<string, (cursor: unknown, v?: unknown) => unknown>;
  const write = (name: string, value: unknown): void => {
    t.throws(
      () => broad[`write${name}`]?.(new CdrOutput(), value),
      { instanceOf: BAD_PARAM },
      name,
    );
  };
  write("Names", ["1", "2", "3", "4", "5"]);
  write("Names", ["longer than ten"]);
  write("ShortBytes", new Uint8Array(17));
  write("Digest", new Uint8Array(19));
  write("Matrix", [[1, 2, 3]]);
  write("Color", "purple");
  write("ByColor", { $d: "purple", r: 1 });
  const octets = new CdrOutput().ulong(3).finish();
  t.throws(() => broad["readColor"]?.(new CdrInput(octets)), { instanceOf: MARSHAL });
  const lie = new CdrOutput().ulong(0x7fff_ffff).finish();
  t.throws(() => broad["readNodes"]?.(new CdrInput(lie)), { instanceOf: MARSHAL });
});

test("a case that is the default too keeps its label", (t) => {
  const { writeByShort, readByShort, _tc_ByShort } = moduleAt("Broad.js") as Record<string, never>;
  const type: TypeCode = _tc_ByShort as unknown as TypeCode;
  for (const $d of [2, 9]) {
    const value = fc.sample(
      valuesOf(type, 1).filter((v) => (v as { $d: number }).$d !== 1),
      1,
    )[0] as object;
    const octets = octetsOf(
      (out) => (writeByShort as unknown as Codec["write"])(out, { ...value, $d }),
      false,
    );
    const input = new CdrInput(octets, { littleEndian: false, context });
    const back = (readByShort as unknown as Codec["read"])(input) as { $d: number };
    t.is(back.$d, $d);
    t.true("b" in back);
  }
});

test("every module can be the first one loaded", async (t) => {
  for (const { path } of files.filter(
    (f) => f.path.startsWith("Broad/") || f.path.startsWith("Second"),
  )) {
    const script = `await import(${JSON.stringify(urlOf(path))})`;
    await t.notThrowsAsync(
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]),
      path,
    );
  }
});
