import test from "ava";
import type { Arrival } from "../../../orb/index.ts";
import {
  AdmittedRequest,
  arrivalOf,
  packArrival,
  unpackArrival,
} from "../../../services/replication/index.ts";

const NAMED = { id: "caller 7", expiresMs: 1_000, answered: undefined };

function arrival(octets: number): Arrival {
  return {
    adapter: ["bank"],
    objectId: Buffer.from("account"),
    operation: "deposit",
    caller: { connectionId: "1", requestId: 4 },
    encoding: { version: 2, littleEndian: true, charSet: 0x1_0001, wcharSet: 0x1_0109 },
    contexts: [],
    body: new Uint8Array(octets).fill(1),
    priority: undefined,
    replyExpected: true,
  };
}

for (const octets of [0, 1_023, 1_024, 16_384, 16_385])
  test(`a request with ${octets} octets of arguments has the same octets before and after it is executed`, (t) => {
    const came = arrival(octets);
    const expected = packArrival(came);
    const before = new AdmittedRequest(NAMED, false, came);
    t.deepEqual(before.body, expected);
    t.deepEqual(arrivalOf(before).body, came.body);
    t.deepEqual(before.body, expected);
    const after = new AdmittedRequest(NAMED, false, came);
    t.deepEqual(arrivalOf(after).body, came.body);
    t.deepEqual(after.body, expected);
  });

test("what a servant does to a view of its arguments is not in the request's octets", (t) => {
  const came = arrival(1_024);
  const request = new AdmittedRequest(NAMED, false, came);
  arrivalOf(request).body.fill(2);
  t.deepEqual(unpackArrival(request.body).body, new Uint8Array(1_024).fill(1));
});

test("who executes it is given what came: those who look at requests know it again", (t) => {
  const came = arrival(16_384);
  t.is(arrivalOf(new AdmittedRequest(NAMED, false, came)), came);
  const packed = new AdmittedRequest(NAMED, false, came);
  t.true(packed.body.length > 16_384);
  t.is(arrivalOf(packed), came);
});

test("one that is in the log and was executed keeps its octets alone", (t) => {
  const came = arrival(8);
  const request = new AdmittedRequest(NAMED, false, came);
  t.is(arrivalOf(request), came);
  const { body } = request;
  t.not(arrivalOf(request), came);
  t.deepEqual(arrivalOf(request), unpackArrival(body));
});
