// The IDL that Debian's packages bring: idlc takes what omniidl takes, and what it writes type-checks.
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { compile, renderDiagnostic } from "../../idlc/index.ts";
import { findPeers, ROOT } from "../support/omniorb.ts";
import { runToEnd } from "../support/process.ts";
import { scratchFolder, STANDARD, textOf, writeFiles } from "../unit/idlc-emit/support.ts";
import { declareCheck } from "./results.ts";

/** Of the Debian package omniorb-idl. */
const OMNIORB = "/usr/share/idl/omniORB";
/** Of libomnievents-dev, where that is installed. */
const OMNIEVENTS = "/usr/share/idl/omniEvents";
/** As omniidl 4.2.5 gives it to its preprocessor. */
const PREDEFINED: readonly string[] = ["__OMNIIDL__=0x04020500"];
const OLDER_CORBA =
  "omniidl's CORBA module has no ServiceOption and no Environment, which CORBA 3 declares";
const NO_IOP = "includes IOP.idl, which Debian does not bring and idlc does";

/** Files that idlc accepts and omniidl does not, and why. */
const ACCEPTED_BY_IDLC_ALONE: Readonly<Record<string, string>> = {
  "COS/DCE_CIOPSecurity.idl": NO_IOP,
  "COS/SECIOP.idl": NO_IOP,
  "COS/SSLIOP.idl": NO_IOP,
  "COS/CosTSPortability.idl": OLDER_CORBA,
  "COS/NRService.idl": OLDER_CORBA,
  "COS/Security.idl": OLDER_CORBA,
  "COS/SecurityAdmin.idl": OLDER_CORBA,
  "COS/SecurityLevel1.idl": OLDER_CORBA,
  "COS/SecurityLevel2.idl": OLDER_CORBA,
  "COS/SecurityReplaceable.idl": OLDER_CORBA,
};

interface Corpus {
  readonly root: string;
  readonly includeDirs: readonly string[];
  readonly files: readonly string[];
}

function corpusOf(root: string): readonly Corpus[] {
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".idl"))
    .toSorted();
  return [{ root, includeDirs: [root, OMNIORB, join(OMNIORB, "COS")], files }];
}

const CORPORA: readonly Corpus[] = [...corpusOf(OMNIORB), ...corpusOf(OMNIEVENTS)];

async function isAcceptedByOmniidl(corpus: Corpus, name: string): Promise<boolean> {
  const includes = corpus.includeDirs.map((folder) => `-I${folder}`);
  const ended = await runToEnd("omniidl", ["-bdump", ...includes, join(corpus.root, name)]);
  // 4.2.5 crashes after some errors, which is no acceptance.
  return ended.code === 0;
}

/** Errors, where idlc refuses; otherwise the code is written to `folder`. */
async function compileInto(folder: string, corpus: Corpus, name: string): Promise<string> {
  const { files, diagnostics } = await compile(
    [join(corpus.root, name)],
    {
      includeDirs: corpus.includeDirs,
      defines: PREDEFINED,
      systemDirs: [STANDARD],
      standardDirs: [STANDARD],
      withIncludes: true,
    },
    { read: textOf },
  );
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return errors.map(renderDiagnostic).join("\n");
  writeFiles(folder, files);
  return "";
}

async function typeCheck(folder: string): Promise<string> {
  const settings = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { noEmit: true, incremental: false, tsBuildInfoFile: null, rootDir: ROOT },
    include: ["."],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { code, output } = await runToEnd(process.execPath, [tsc, "-p", folder], {
    timeoutMs: 90_000,
  });
  return code === 0 ? "" : output;
}

const isPossible = (await findPeers()) !== undefined && CORPORA.length > 0;
const folder = scratchFolder();
const errorsOf = new Map<string, string>();
if (isPossible)
  for (const corpus of CORPORA)
    for (const name of corpus.files) {
      const into = join(folder, `${corpus.root}/${name}`.replaceAll(/\W/g, "_"));
      errorsOf.set(join(corpus.root, name), await compileInto(into, corpus, name));
    }
test.after.always(() => rmSync(folder, { recursive: true }));

declareCheck("corpus/same_verdict", isPossible, async (t) => {
  for (const corpus of CORPORA)
    for (const name of corpus.files) {
      const errors = errorsOf.get(join(corpus.root, name)) ?? "not compiled";
      const isAccepted = await isAcceptedByOmniidl(corpus, name);
      const reason = ACCEPTED_BY_IDLC_ALONE[name];
      if (reason !== undefined) t.false(isAccepted, `${name} is no deviation any more: ${reason}`);
      const isWanted = isAccepted || reason !== undefined;
      t.is(errors === "", isWanted, `${name}: wanted ${isWanted}, and idlc says: ${errors}`);
    }
});

declareCheck("corpus/code_type_checks", isPossible, async (t) => {
  t.true([...errorsOf.values()].filter((errors) => errors === "").length > 50);
  t.is(await typeCheck(folder), "");
});
