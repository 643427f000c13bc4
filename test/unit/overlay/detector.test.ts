import test from "ava";
import fc from "fast-check";
import { LARGEST_PHI, PhiDetector } from "../../../services/overlay/index.ts";

const SETTINGS = { threshold: 8, expectedMs: 100, leastDeviationMs: 25 };
const intervals = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 });

/** A detector that heard heartbeats after these intervals, and the instant of the last. */
function after(gaps: readonly number[]): readonly [detector: PhiDetector, nowMs: number] {
  const detector = new PhiDetector(SETTINGS, 0);
  let nowMs = 0;
  for (const gap of gaps) detector.heard((nowMs += gap));
  return [detector, nowMs];
}

test("phi only grows while the link is silent, from nearly 0 to the largest", (t) => {
  fc.assert(
    fc.property(intervals, (gaps) => {
      const [detector, nowMs] = after(gaps);
      let before = detector.phi(nowMs);
      t.true(before >= 0 && before < 1);
      for (let silentMs = 10; silentMs < 5_000; silentMs += 37) {
        const phi = detector.phi(nowMs + silentMs);
        t.true(phi >= before && phi <= LARGEST_PHI);
        before = phi;
      }
    }),
    { numRuns: 50 },
  );
});

test("suspicion starts at the instant foretold, and phi is at the threshold there", (t) => {
  fc.assert(
    fc.property(intervals, (gaps) => {
      const [detector, nowMs] = after(gaps);
      const { suspectAtMs } = detector;
      t.true(suspectAtMs > nowMs);
      t.false(detector.isSuspect(suspectAtMs - 0.1));
      t.true(detector.isSuspect(suspectAtMs));
      t.true(Math.abs(detector.phi(suspectAtMs) - SETTINGS.threshold) < 1e-6);
    }),
    { numRuns: 50 },
  );
});

test("a link that keeps its pace is never suspected, one that stops always is", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 10, max: 190 }), (n, gap) => {
      const detector = new PhiDetector(SETTINGS, 0);
      let nowMs = 0;
      for (let i = 0; i < n; i++) {
        t.false(detector.isSuspect((nowMs += gap)));
        detector.heard(nowMs);
      }
      t.true(detector.isSuspect(nowMs + 10_000));
    }),
    { numRuns: 100 },
  );
});

test("the more uneven the heartbeats, the longer a silence is borne", (t) => {
  const [even, evenMs] = after(Array.from({ length: 60 }, () => 100));
  const [uneven, unevenMs] = after(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 20 : 180)));
  t.true(uneven.suspectAtMs - unevenMs > 2 * (even.suspectAtMs - evenMs));
});

test("one long stall does not blind the detector for longer than a bounded time", (t) => {
  const [detector, nowMs] = after([...Array.from({ length: 60 }, () => 100), 3_600_000]);
  t.true(detector.suspectAtMs - nowMs < 1_500);
});

test("time that goes back teaches nothing", (t) => {
  const [detector, nowMs] = after([100, 100, 100]);
  const { suspectAtMs } = detector;
  detector.heard(nowMs - 50);
  detector.heard(nowMs);
  t.is(detector.suspectAtMs, suspectAtMs);
});

test("with a least interval, who spoke more often than that is given as long as if it had not", (t) => {
  const often = new PhiDetector({ ...SETTINGS, leastIntervalMs: 100 }, 0);
  const steadily = new PhiDetector(SETTINGS, 0);
  for (let nowMs = 4; nowMs <= 400; nowMs += 4) often.heard(nowMs);
  for (let nowMs = 100; nowMs <= 400; nowMs += 100) steadily.heard(nowMs);
  t.is(often.suspectAtMs, steadily.suspectAtMs);
});
