import { readValue, writeValue } from "../../../orb/any/index.ts";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { type Block, blockOf, type Row, rowOf, spreadOf } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { Samples } from "../samples.ts";
import { tableLine } from "../table.ts";
import * as Mixed from "../gen/Mixed.ts";
import { TWENTY } from "../twenty.ts";

/** Round trips between two looks at the clock: one alone is too short for it. */
const BATCH = 100;

interface Contender {
  readonly name: string;
  readonly write: (out: CdrOutput) => void;
  readonly read: (input: CdrInput) => unknown;
}

const GENERATED: Contender = {
  name: "generated code",
  write: (out) => Mixed.writeTwenty(out, TWENTY),
  read: Mixed.readTwenty,
};

const INTERPRETED: Contender = {
  name: "its TypeCode, interpreted",
  write: (out) => writeValue(out, Mixed._tc_Twenty, TWENTY),
  read: (input) => readValue(input, Mixed._tc_Twenty),
};

/** Writes and reads for so long; microseconds for each round trip. */
function block({ write, read }: Contender, ms: number): Block {
  const samples = new Samples();
  const out = new CdrOutput();
  const begin = performance.now();
  let now = begin;
  while (now - begin < ms) {
    const start = now;
    for (let i = 0; i < BATCH; i++) {
      out.reset();
      write(out);
      read(new CdrInput(out.finish()));
    }
    now = performance.now();
    samples.add(((now - start) * 1_000) / BATCH);
  }
  const view = samples.view();
  return blockOf(view, ((now - begin) * 1_000) / BATCH);
}

/** A struct of 20 mixed members written and read: generated code beside the interpreted TypeCode. */
export async function codecs(
  { pace, only }: BenchOptions,
  print: (line: string) => void,
): Promise<Row[]> {
  const load = "a struct of 20 members, there and back";
  if (!load.includes(only)) return [];
  const blocks = new Map<Contender, Block[]>([
    [INTERPRETED, []],
    [GENERATED, []],
  ]);
  for (const contender of blocks.keys()) block(contender, pace.warmUpMs);
  for (let round = 0; round < pace.blocks; round++) {
    for (const [contender, list] of blocks) list.push(block(contender, pace.blockMs));
  }
  const [slow = [], fast = []] = blocks.values();
  const baseline = { name: INTERPRETED.name, blocks: slow };
  const rows = [
    rowOf(`${load}: ${INTERPRETED.name}`, slow, "p50"),
    rowOf(`${load}: ${GENERATED.name}`, fast, "p50", baseline),
  ];
  print(`\n${load}`);
  print(tableLine());
  print(tableLine(INTERPRETED.name, rows[0], spreadOf(slow, "p50")));
  print(tableLine(GENERATED.name, rows[1], spreadOf(fast, "p50"), 0.5));
  return Promise.resolve(rows);
}
