// Replies are kept for as long as somebody may ask for them, and not longer: what is kept does not bound what is executed.
import test from "ava";
import type { ObjectReference } from "../../../orb/index.ts";
import { LocalGroup } from "../../support/replication/local-groups.ts";
import { Sites } from "../../support/replication/sites.ts";
import { sample } from "../../support/sample.ts";

const FEW = { replies: { count: 100, octets: 1 << 20 } };
const CALLERS = 6;
const CALLS = 150;

/** How often each of some callers at once was numbered; each call must be answered. */
async function numbersOf(references: readonly ObjectReference[]): Promise<readonly number[]> {
  const numbers: number[] = [];
  const callers = Array.from({ length: CALLERS }, async (_, i) => {
    const reference = references[i % references.length];
    if (reference === undefined) return;
    for (let n = 0; n < CALLS; n++) {
      const answer = await sample.echo(reference, `${i} ${n}`);
      numbers.push(Number(answer.split(" ")[0]));
    }
  });
  await Promise.all(callers);
  return numbers.toSorted((a, b) => a - b);
}

const ALL = Array.from({ length: CALLERS * CALLS }, (_, i) => i + 1);

for (const style of ["active", "semi-active", "warm-passive"] as const) {
  test(`${style}: our clients make as many calls as they like to a group that keeps few replies`, async (t) => {
    const sites = new Sites(t, { style }, ["a", "b"], FEW);
    await sites.found();
    const references = await Promise.all(["a", "b"].map((address) => sites.ledger(address)));
    t.deepEqual(await numbersOf(references), ALL);
  });

  test(`${style}: so do clients that know nothing of groups, at any replica`, async (t) => {
    const group = new LocalGroup(t, { style, ...FEW });
    await group.found(["a", "b", "c"]);
    const references = ["a", "b", "c"].map((id) => group.get(id).reference);
    t.deepEqual(await numbersOf(references), ALL);
  });
}
