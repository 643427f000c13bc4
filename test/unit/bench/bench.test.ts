import test from "ava";
import fc from "fast-check";
import { blockOf, rowOf, spreadOf } from "../../bench/block.ts";
import { frameOf, FrameReader } from "../../bench/rpc/frames.ts";
import { parseOptions } from "../../bench/options.ts";
import { median, percentile, Samples } from "../../bench/samples.ts";

test("a percentile is a sample: the nearest rank", (t) => {
  const sorted = Float64Array.from({ length: 1_000 }, (_, n) => n + 1);
  t.deepEqual(
    [0, 0.5, 0.99, 0.999, 1].map((share) => percentile(sorted, share)),
    [1, 500, 990, 999, 1_000],
  );
  t.is(percentile(Float64Array.of(7), 0.999), 7);
  t.throws(() => percentile(new Float64Array(0), 0.5), { instanceOf: RangeError });
});

test("the median of an even count lies between the two in the middle", (t) => {
  t.is(median([9, 1, 5]), 5);
  t.is(median([9, 1, 5, 6]), 5.5);
  t.throws(() => median([]), { instanceOf: RangeError });
});

test("samples grow and are cleared", (t) => {
  const samples = new Samples();
  for (let n = 0; n < 40_000; n++) samples.add(n);
  t.is(samples.count, 40_000);
  t.is(samples.view().at(-1), 39_999);
  samples.clear();
  t.is(samples.view().length, 0);
});

test("a row compares blocks that ran side by side", (t) => {
  const slow = [blockOf(Float64Array.of(30, 10, 20), 100), blockOf(Float64Array.of(80), 100)];
  const fast = [blockOf(Float64Array.of(10), 100), blockOf(Float64Array.of(20), 100)];
  const row = rowOf("slow", slow, "p50", { name: "fast", blocks: fast });
  t.deepEqual(row, {
    name: "slow",
    n: 4,
    p50: 50,
    p99: 55,
    p999: 55,
    max: 80,
    unit: "µs",
    perSecond: 20_000,
    baseline: "p50 of fast",
    ratio: 3,
  });
  const rate = rowOf("slow", slow, "perSecond", { name: "fast", blocks: fast });
  t.is(rate.ratio, 2);
  t.is(rowOf("fast", fast, "p50").ratio, null);
  t.is(spreadOf(slow, "p50"), 60 / 50);
});

test("frames survive however the stream is cut", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (contents, cuts) => {
        const frames = contents.map((content) => frameOf(content));
        const stream = Buffer.concat(frames);
        const at = [0, ...cuts.map((cut) => cut % stream.length), stream.length];
        at.sort((a, b) => a - b);
        const read: Buffer[] = [];
        const reader = new FrameReader();
        for (const [n, start] of at.entries())
          reader.consume(stream.subarray(start, at[n + 1]), (frame) => read.push(frame));
        t.deepEqual(read, frames);
      },
    ),
  );
});

function parseTransport(args: readonly string[]): string | undefined {
  const options = parseOptions(["failover", ...args]);
  return options === "help" ? options : options.transport;
}

test("options say what is allowed", (t) => {
  t.is(parseOptions([]), "help");
  t.like(parseOptions(["rpc", "--seconds", "2", "--blocks", "4", "--place", "one-core"]), {
    bench: "rpc",
    pace: { blocks: 4, blockMs: 2_000 },
    places: [{ place: "one core" }],
  });
  t.throws(() => parseOptions(["rpc", "--seconds", "no"]), { message: /above 0, not "no"/ });
  t.throws(() => parseOptions(["rpc", "--place", "moon"]), { message: /one-core or unpinned/ });
  t.is(parseTransport([]), undefined);
  t.is(parseTransport(["--transport", "net"]), "net");
  t.throws(() => parseTransport(["--transport", "pigeon"]), {
    message: 'a transport is net or reactor, not "pigeon"',
  });
  t.throws(() => parseOptions(["rpc", "more"]), { message: /one bench at a time/ });
});
