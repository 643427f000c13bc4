import test from "ava";
import fc from "fast-check";
import { FrameFault, FrameReader, FrameWriter } from "../../../services/group-net/index.ts";

const MOST_OCTETS = 40_000;

/** What a writer sends, piece by piece. */
async function written(frames: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const sent: Uint8Array[] = [];
  const writer = new FrameWriter((octets) => sent.push(octets));
  for (const frame of frames) {
    const own = frame.slice();
    writer.write(own);
    // The caller's to use again.
    own.fill(0xff);
  }
  await Promise.resolve();
  return sent;
}

function read(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  const reader = new FrameReader(MOST_OCTETS, (frame) => frames.push(frame));
  for (const chunk of chunks) reader.read(chunk);
  return frames;
}

const frame = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.nat({ max: MOST_OCTETS }).map((length) => new Uint8Array(length).fill(length & 0xff)),
);
const frames = fc.array(frame, { maxLength: 12 });

test("frames are read as they were written, however the octets are cut on their way", async (t) => {
  await t.notThrowsAsync(() =>
    fc.assert(
      fc.asyncProperty(frames, fc.array(fc.nat(), { maxLength: 20 }), async (all, cuts) => {
        const octets = Buffer.concat(await written(all));
        const places = [...cuts.map((cut) => cut % (octets.length + 1)), octets.length];
        let from = 0;
        const chunks = places
          .toSorted((a, b) => a - b)
          .map((to) => octets.subarray(from, (from = to)));
        t.deepEqual(
          read(chunks).map((one) => Buffer.from(one)),
          all.map((one) => Buffer.from(one)),
        );
      }),
      { numRuns: 100 },
    ),
  );
});

test("what one turn writes leaves together, at its end", async (t) => {
  const sent = await written([new Uint8Array(10), new Uint8Array(20), new Uint8Array(0)]);
  t.deepEqual(
    sent.map(({ length }) => length),
    [4 + 10 + 4 + 20 + 4],
  );
});

test("where turns write one frame alone it leaves at once, and again at their end when they write more", async (t) => {
  const sent: number[] = [];
  const writer = new FrameWriter(({ length }) => sent.push(length));
  const write = (...lengths: readonly number[]): readonly number[] => {
    for (const length of lengths) writer.write(new Uint8Array(length));
    return sent.splice(0);
  };
  t.deepEqual(write(1), [], "nothing is known of its turns");
  await Promise.resolve();
  t.deepEqual(sent.splice(0), [4 + 1]);
  t.deepEqual(write(2), [4 + 2], "the turn before had one alone");
  await Promise.resolve();
  t.deepEqual(write(3, 4, 5), [4 + 3]);
  await Promise.resolve();
  t.deepEqual(sent.splice(0), [4 + 4 + 4 + 5]);
  t.deepEqual(write(6), [], "the turn before had several");
  await Promise.resolve();
  t.deepEqual(sent.splice(0), [4 + 6]);
  t.deepEqual(write(7), [4 + 7]);
});

test("a frame that is longer than allowed ends the stream, before its octets have come", (t) => {
  const reader = new FrameReader(100, () => t.fail());
  t.throws(() => reader.read(Uint8Array.from([101, 0, 0, 0])), {
    instanceOf: FrameFault,
    message: "a frame of 101 octets; allowed: 100",
  });
  const other = new FrameReader(100, () => t.fail());
  other.read(Uint8Array.from([0, 0]));
  t.throws(() => other.read(Uint8Array.from([0, 0x80])), { instanceOf: FrameFault });
});
