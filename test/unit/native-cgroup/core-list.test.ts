import test from "ava";
import fc from "fast-check";
import { readCoreList, writeCoreList } from "../../../native/index.ts";

test("a list of cores is written in runs, and read back", (t) => {
  t.is(writeCoreList([3, 0, 1, 2, 6, 6]), "0-3,6");
  t.deepEqual(readCoreList("0-3,6\n"), [0, 1, 2, 3, 6]);
  t.deepEqual(readCoreList("\n"), []);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 8_191 })), (cores) => {
      t.deepEqual(
        readCoreList(writeCoreList(cores)),
        cores.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("another text is no list of cores", (t) => {
  for (const text of ["a", "1-", "3-1", "-1", "1,,2", "8192", "0x1"])
    t.throws(() => readCoreList(text), { instanceOf: RangeError }, text);
});
