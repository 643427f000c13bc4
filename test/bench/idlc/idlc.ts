import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "../../../idlc/index.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { median } from "../samples.ts";
import { codecs } from "./codecs.ts";
import { idlBelow, OMNI_IDL, writeGenerated } from "./corpus.ts";
import { doubling } from "./doubling.ts";
import { fuzzed } from "./fuzzed.ts";
import { type Run, runMeasured } from "./measured.ts";

/** The compiler as users run it; this file runs as `dist/test/bench/idlc/idlc.js`. */
const IDLC: string = fileURLToPath(new URL("../../../idlc/cli/main.js", import.meta.url));
/** The IDL of the package. */
const STANDARD: string = fileURLToPath(new URL("../../../../idl/omg", import.meta.url));
const DECLARATIONS = 6_000;

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  /** The contender whose time is divided by, and the ratio that is wanted at most. */
  readonly against?: { readonly name: string; readonly atMost?: number };
  readonly atMostMs?: number;
  readonly atMostMib?: number;
}

interface Load {
  readonly name: string;
  readonly contenders: readonly Contender[];
}

function compiler(...args: readonly string[]): readonly string[] {
  return [process.execPath, IDLC, ...args];
}

/** The files of omniorb-idl that make one compilation: some need what is not there, some declare what others declare, too. */
function together(includeDirs: readonly string[]): readonly string[] {
  const read = (path: string): string | undefined =>
    existsSync(path) && statSync(path).isFile() ? readFileSync(path, "latin1") : undefined;
  const paths = includeDirs.map((folder) => `-I${folder}`);
  const isAlone = (file: string): boolean =>
    spawnSync("omniidl", ["-bdump", ...paths, file]).status === 0;
  return idlBelow(OMNI_IDL)
    .filter((file) => isAlone(file))
    .reduce<string[]>((files, file) => {
      const options = { includeDirs, systemDirs: [STANDARD] };
      const { model } = check([...files, file], options, { read });
      return model === undefined ? files : [...files, file];
    }, []);
}

/** The files of omniorb-idl that omniidl takes in one run; the folders they include from. */
function omniLoad(folder: string): Load | undefined {
  const paths = [`-I${OMNI_IDL}`, `-I${join(OMNI_IDL, "COS")}`];
  const files = together(paths.map((path) => path.slice(2)));
  if (files.length === 0) return undefined;
  return {
    name: `omniorb-idl, ${files.length} files`,
    contenders: [
      { name: "omniidl", command: ["omniidl", "-bdump", ...paths, ...files] },
      {
        name: "idlc --check",
        command: compiler("--check", ...paths, ...files),
        against: { name: "omniidl" },
      },
      {
        name: "idlc",
        command: compiler("-o", join(folder, "omni"), ...paths, ...files),
        against: { name: "omniidl" },
      },
    ],
  };
}

function generatedLoads(folder: string): readonly Load[] {
  const [whole, half] = [
    writeGenerated(folder, DECLARATIONS),
    writeGenerated(folder, DECLARATIONS / 2),
  ];
  const output = join(folder, "generated");
  return [
    {
      name: `${DECLARATIONS.toLocaleString("en-US")} declarations`,
      contenders: [
        { name: "omniidl", command: ["omniidl", "-bdump", whole] },
        {
          name: "idlc --check, half as many",
          command: compiler("--check", half),
        },
        {
          name: "idlc --check",
          command: compiler("--check", whole),
          against: { name: "omniidl", atMost: 2 },
        },
        { name: "idlc, half as many", command: compiler("-o", output, half) },
        {
          name: "idlc",
          command: compiler("-o", output, whole),
          against: { name: "idlc, half as many", atMost: 2.2 },
          atMostMs: 6_000,
          atMostMib: 600,
        },
      ],
    },
  ];
}

/** A row of times; the peak of the memory is a row of its own. */
function rowsOf(
  load: Load,
  contender: Contender,
  runs: readonly Run[],
  ratio: number | null,
): Row[] {
  const row = (name: string, values: readonly number[], unit: string): Row => {
    const sorted = values.toSorted((a, b) => a - b);
    const largest = sorted.at(-1) ?? 0;
    return {
      name: `${load.name}: ${name}`,
      n: values.length,
      p50: median(sorted),
      p99: largest,
      p999: largest,
      max: largest,
      unit,
      perSecond: unit === "ms" ? 1_000 / median(sorted) : 0,
      baseline: ratio === null ? null : `p50 of ${contender.against?.name}`,
      ratio,
    };
  };
  const times = row(
    contender.name,
    runs.map((run) => run.ms),
    "ms",
  );
  const cpu = row(
    `${contender.name}, CPU`,
    runs.map((run) => run.cpuMs),
    "ms",
  );
  const peaks = row(
    `${contender.name}, peak memory`,
    runs.map((run) => run.peakMib),
    "MiB",
  );
  return [
    times,
    { ...cpu, baseline: null, ratio: null },
    { ...peaks, baseline: null, ratio: null },
  ];
}

function verdict(value: number, atMost: number | undefined): string {
  if (atMost === undefined) return "";
  return `  (≤ ${atMost}${value <= atMost ? "" : ", missed"})`;
}

function measure(load: Load, folder: string, rounds: number, print: (line: string) => void): Row[] {
  const runs = new Map<string, Run[]>(load.contenders.map(({ name }) => [name, []]));
  // They take turns, so that whatever else the machine does meets all of them.
  for (let round = 0; round < rounds; round++) {
    for (const { name, command } of load.contenders) {
      runs.get(name)?.push(runMeasured(command, folder));
    }
  }
  print(
    `\n${load.name}`.padEnd(39) +
      ["time", "CPU", "peak", "ratio"].map((h) => h.padStart(12)).join(""),
  );
  return load.contenders.flatMap((contender) => {
    const own = runs.get(contender.name) ?? [];
    const other = runs.get(contender.against?.name ?? "");
    const ratio =
      other === undefined ? null : median(own.map(({ ms }, i) => ms / (other[i]?.ms ?? ms)));
    const [ms, mib] = [median(own.map((r) => r.ms)), median(own.map((r) => r.peakMib))];
    const cpu = median(own.map((r) => r.cpuMs));
    print(
      contender.name.padEnd(38) +
        `${ms.toFixed(0)} ms`.padStart(12) +
        `${cpu.toFixed(0)} ms`.padStart(12) +
        `${mib.toFixed(0)} MiB`.padStart(12) +
        (ratio === null ? "" : `${ratio.toFixed(2)} ×`.padStart(12)) +
        verdict(ratio ?? 0, contender.against?.atMost) +
        verdict(ms, contender.atMostMs) +
        verdict(mib, contender.atMostMib),
    );
    return rowsOf(load, contender, own, ratio);
  });
}

/** Time and peak memory of the compiler beside omniidl on the same files; speed of the code it generates. */
export async function idlc(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "idlc-bench-"));
  try {
    const hasOmni = existsSync("/usr/bin/omniidl");
    if (!hasOmni) print("omniidl is not installed: idlc runs alone");
    const omni = omniLoad(folder);
    if (omni === undefined) print(`no IDL below ${OMNI_IDL}`);
    const loads = [...(omni === undefined ? [] : [omni]), ...generatedLoads(folder)]
      .filter((load) => load.name.includes(options.only))
      .map((load) => ({
        ...load,
        contenders: load.contenders.filter(({ name }) => hasOmni || name !== "omniidl"),
      }));
    const rows = loads.flatMap((load) => measure(load, folder, options.pace.blocks, print));
    const shapes = await doubling(options, print);
    const loops = await codecs(options, print);
    return [...rows, ...shapes, ...loops, ...(options.isLong ? await fuzzed(options, print) : [])];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
