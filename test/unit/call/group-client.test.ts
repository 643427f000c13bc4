import test from "ava";
import fc from "fast-check";
import { newGroupClient } from "../../../orb/call/index.ts";
import { decapsulate } from "../../../orb/cdr/index.ts";

test("FT_REQUEST has the client's name, a number of its own and its last instant", (t) => {
  const run = fc.uint8Array({ maxLength: 20 });
  const instants = fc.array(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }), { minLength: 2 });
  fc.assert(
    fc.property(run, instants, (octets, all) => {
      const client = newGroupClient(octets);
      // Each is looked at when all are made: none may be written again.
      const made = all.map((instant) => client.newRequest(instant));
      const read = made.map(({ data }) =>
        decapsulate(data, (input) => [input.string(), input.long(), input.ulonglong()]),
      );
      const name = `orbweaver-${Buffer.from(octets).toString("hex")}`;
      t.deepEqual(
        read,
        all.map((instant, at) => [name, at + 1, instant]),
      );
      t.true(made.every(({ id }) => id === 13));
    }),
  );
});

test("FT_GROUP_VERSION has the version asked for, also when another one was asked for before", (t) => {
  const client = newGroupClient(Uint8Array.of(1));
  const versions = [0, 7, 7, 0, 0xffff_ffff, 1].map((version) => client.ofVersion(version));
  t.deepEqual(
    versions.map(({ data }) => decapsulate(data, (input) => input.ulong())),
    [0, 7, 7, 0, 0xffff_ffff, 1],
  );
  t.true(versions.every(({ id }) => id === 12));
});
