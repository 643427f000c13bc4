import test from "ava";
import fc from "fast-check";
import { readCoreList, readCoreMask, writeCoreList, writeCoreMask } from "../../../native/index.ts";

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

test("a mask of cores is written in words, and read back", (t) => {
  t.is(writeCoreMask([0, 1]), "3");
  t.is(writeCoreMask([]), "0");
  t.is(writeCoreMask([35, 0]), "8,00000001");
  t.is(writeCoreMask(Array.from({ length: 33 }, (_, core) => core)), "1,ffffffff");
  t.deepEqual(readCoreMask("00000000,0000000c\n"), [2, 3]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 8_191 })), (cores) => {
      t.deepEqual(
        readCoreMask(writeCoreMask(cores)),
        cores.toSorted((a, b) => a - b),
      );
    }),
  );
  for (const text of ["", "0x3", "g", "1-3"])
    t.throws(() => readCoreMask(text), { instanceOf: RangeError }, text);
});

test("another text is no list of cores", (t) => {
  for (const text of ["a", "1-", "3-1", "-1", "1,,2", "8192", "0x1"])
    t.throws(() => readCoreList(text), { instanceOf: RangeError }, text);
});
