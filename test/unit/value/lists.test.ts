import test from "ava";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";
import { BAD_PARAM, MARSHAL, MINOR } from "../../../orb/exception/index.ts";
import {
  readValue,
  ValueBase,
  type ValueDescriptor,
  writeValue,
} from "../../../orb/value/index.ts";
import { knowing } from "./types.ts";

/** `valuetype Vertex { public sequence<Vertex, 3> edges; public Vertex ends[2]; }` */
class Vertex extends ValueBase {
  edges: (Vertex | null)[] = [];
  ends: (Vertex | null)[] = [null, null];
  override get _value(): ValueDescriptor {
    return VERTEX;
  }
}

const VERTEX: ValueDescriptor = {
  repositoryId: "IDL:V/Vertex:1.0",
  name: "V::Vertex",
  base: undefined,
  isTruncatable: false,
  isCustom: false,
  steps: () => [
    { members: "edges", formal: () => VERTEX, bound: 3 },
    { members: "ends", formal: () => VERTEX, length: 2 },
  ],
  create: () => new Vertex(),
};

function written(v: Vertex): Uint8Array {
  const out = new CdrOutput();
  writeValue(out, v, VERTEX);
  return out.finish();
}

/** A ring of vertices, each leading to the next, to itself and to the first. */
function ring(size: number): Vertex {
  const all = Array.from({ length: size }, () => new Vertex());
  all.forEach((v, i) => {
    v.edges = [all[(i + 1) % size] ?? null, v];
    v.ends = [all[0] ?? null, null];
  });
  return all[0] ?? new Vertex();
}

test("a graph of 90,000 values that hang in sequences survives", (t) => {
  const first = readValue<Vertex>(new CdrInput(written(ring(90_000))), VERTEX);
  let count = 0;
  let v = first;
  do {
    if (v?.edges[1] !== v || v?.ends[0] !== first || v?.ends[1] !== null) break;
    count++;
    v = v.edges[0] ?? null;
  } while (v !== first);
  t.is(count, 90_000);
});

test("how many values a message holds is an option, on both sides", (t) => {
  const few = { ...knowing(), maxValues: 10 };
  const out = new CdrOutput({ context: few });
  writeValue(out, ring(10), VERTEX);
  const writing = t.throws(() => writeValue(out, new Vertex(), VERTEX), { instanceOf: MARSHAL });
  t.is(writing?.minor, MINOR.tooManyValues);
  t.regex(writing?.message ?? "", /more than 10 values in a message.*maxValues/);
  readValue(new CdrInput(written(ring(10)), { context: few }), VERTEX);
  const octets = written(ring(11));
  const reading = t.throws(() => readValue(new CdrInput(octets, { context: few }), VERTEX), {
    instanceOf: MARSHAL,
  });
  t.is(reading?.minor, MINOR.tooManyValues);
  const many = { ...knowing(), maxValues: 150_000 };
  const large = new CdrOutput({ context: many });
  writeValue(large, ring(150_000), VERTEX);
  t.truthy(readValue(new CdrInput(large.finish(), { context: many }), VERTEX));
});

test("lists of another length than declared are refused on both sides", (t) => {
  const wrong: readonly object[] = [
    { edges: [null, null, null, null] },
    { ends: [null] },
    { ends: null },
    { edges: undefined },
    { edges: [undefined] },
    { edges: [5] },
  ];
  for (const members of wrong) {
    const v = Object.assign(new Vertex(), members);
    t.throws(() => written(v), { instanceOf: BAD_PARAM }, JSON.stringify(members));
  }
  for (const count of [4, 0xffff_ffff]) {
    const out = new CdrOutput().ulong(0x7fff_ff00).ulong(count);
    for (let i = 0; i < 6; i++) out.ulong(0);
    t.throws(() => readValue(new CdrInput(out.finish()), VERTEX), { instanceOf: MARSHAL });
  }
});
