import test from "ava";
import fc from "fast-check";
import { KnownTexts } from "../../../orb/base/index.ts";

test("octets are the text they are, whatever was read before", (t) => {
  const texts = new KnownTexts();
  // Few different octets: many texts meet in a slot, and many begin or end alike.
  const octets = fc.uint8Array({ maxLength: 80 }).map((all) => all.map((o) => (o & 1) * 0xe9));
  fc.assert(
    fc.property(octets, fc.nat(5), fc.nat(5), (all, before, behind) => {
      const end = Math.max(before, all.length - behind);
      const wanted = Buffer.from(all.slice(before, end)).toString("latin1");
      t.is(texts.of(all, before, end), wanted);
      t.is(texts.of(all, before, end), wanted);
    }),
    { numRuns: 1_000 },
  );
});
