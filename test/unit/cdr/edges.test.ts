import test from "ava";
import { CdrInput, CdrOutput } from "../../../orb/cdr/index.ts";

test("an octet, a boolean and a char are written into the buffer that grew for them", (t) => {
  // The buffer doubles at sizes that are not the test's business: one of these lengths meets each.
  for (const write of [
    (out: CdrOutput) => out.octet(7),
    (out: CdrOutput) => out.boolean(true),
    (out: CdrOutput) => out.char("\x07"),
  ]) {
    const out = new CdrOutput();
    for (let i = 0; i < 5000; i++) write(out);
    t.true(out.finish().every((octet) => octet === 7 || octet === 1));
  }
});

test("an octet and a boolean are read from the segment they lie in", (t) => {
  const segments = [Uint8Array.of(9, 9, 1), Uint8Array.of(9, 9, 0), Uint8Array.of(9, 9, 5)];
  const input = CdrInput.overSegments(segments, 2, 2);
  t.true(input.boolean());
  t.false(input.boolean());
  t.is(input.octet(), 5);
});
