import {
  Any,
  BAD_OPERATION,
  BAD_PARAM,
  type CompletionStatus,
  tc,
  TIMEOUT,
  UNKNOWN,
} from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import { octets, samplePadded } from "../samples.ts";
import { SYSTEM_EXCEPTION_NAMES } from "../servants/live.ts";
import {
  type Checks,
  expect,
  expectSame,
  expectSystem,
  expectThrow,
  given,
  type Peer,
} from "./check.ts";

const faults = async (peer: Peer): Promise<Interop.Faults> =>
  given(await peer.root._get_of_faults());
const attributes = async (peer: Peer): Promise<Interop.Attributes> =>
  given(await peer.root._get_of_attributes());
const oneways = async (peer: Peer): Promise<Interop.Oneways> =>
  given(await peer.root._get_of_oneways());
const parking = async (peer: Peer): Promise<Interop.Parking> =>
  given(await peer.root._get_of_parking());

/** omniORB has no such classes. */
const UNKNOWN_TO_OMNIORB: readonly string[] = [
  "ACTIVITY_COMPLETED",
  "ACTIVITY_REQUIRED",
  "INVALID_ACTIVITY",
  "THREAD_CANCELLED",
];
const MINORS: readonly number[] = [0, 1, 0x4f4d_0001, 0xffff_ffff];
const COMPLETIONS: readonly (readonly [Interop.Completion, CompletionStatus])[] = [
  ["completed_yes", "COMPLETED_YES"],
  ["completed_no", "COMPLETED_NO"],
  ["completed_maybe", "COMPLETED_MAYBE"],
];

export const faultChecks: Checks = {
  "faults.raise_empty": async (peer) => {
    const object = await faults(peer);
    await expectThrow(Interop.Empty, () => object.raise_empty(), "raise_empty");
  },
  "faults.raise_refused": async (peer) => {
    const object = await faults(peer);
    const call = (): Promise<void> => object.raise_refused(-2_147_483_648, "because");
    const { code, why } = await expectThrow(Interop.Refused, call, "raise_refused");
    expectSame({ code, why }, { code: -2_147_483_648, why: "because" }, "members");
  },
  "faults.raise_refused.300k": async (peer) => {
    const object = await faults(peer);
    const why = "w".repeat(300 * 1024);
    const call = (): Promise<void> => object.raise_refused(1, why);
    expect((await expectThrow(Interop.Refused, call, "raise_refused")).why === why, "why differs");
  },
  "faults.raise_awkward": async (peer) => {
    const object = await faults(peer);
    const cause = new Any(Interop._tc_Padded, samplePadded());
    const form: Interop.ByColour = { $d: "green", g: "form" };
    const call = (): Promise<void> => object.raise_awkward("name", 7, [0, -1], cause, form);
    const e = await expectThrow(Interop.Awkward, call, "raise_awkward");
    expectSame([e.name_, e.message_, e.stack_, e.form], ["name", 7, [0, -1], form], "members");
    expectSame(e.cause_, cause, "cause");
    expect(e instanceof Error && e.name === "Awkward", "still an Error");
  },
  "faults.raise_undeclared": async (peer) => {
    const object = await faults(peer);
    await expectThrow(UNKNOWN, () => object.raise_undeclared("why"), "not in raises()");
  },
  "faults.raise_system": async (peer) => {
    const object = await faults(peer);
    let at = 0;
    for (const name of SYSTEM_EXCEPTION_NAMES) {
      if (UNKNOWN_TO_OMNIORB.includes(name)) continue;
      for (const [idl, completed] of COMPLETIONS) {
        const minor = MINORS[at++ % MINORS.length] ?? 0;
        await expectSystem(name, minor, completed, () => object.raise_system(name, minor, idl));
      }
    }
  },
  "faults.maybe": async (peer) => {
    const object = await faults(peer);
    expectSame(await object.maybe(41), { result: 42, a: 42, text: "41" }, "maybe");
    const { code } = await expectThrow(Interop.Refused, () => object.maybe(-1), "maybe(-1)");
    expectSame(code, -1, "code");
  },
  "faults.not_implemented": async (peer) => {
    const object = await faults(peer);
    await expectSystem("NO_IMPLEMENT", 0, "COMPLETED_NO", () => object.not_implemented());
  },
  "faults.unknown_operation": async (peer) => {
    const stranger = Interop.Stranger.uncheckedNarrow(await faults(peer));
    const e = await expectThrow(BAD_OPERATION, () => stranger.who(), "an unknown operation");
    expectSame(e.completed, "COMPLETED_NO", "completed");
  },
};

export const attributeChecks: Checks = {
  "attributes.readonly": async (peer) => {
    const object = await attributes(peer);
    const before = await object._get_writes();
    await object._set_level(1);
    await object._set_depth(2);
    expectSame(await object._get_writes(), before + 2, "writes");
  },
  "attributes.text": async (peer) => {
    const object = await attributes(peer);
    for (const v of ["text", ""]) {
      await object._set_text(v);
      expectSame(await object._get_text(), v, "text");
    }
  },
  "attributes.level": async (peer) => {
    const object = await attributes(peer);
    await object._set_level(-2_147_483_648);
    await object._set_depth(2_147_483_647);
    const both = [await object._get_level(), await object._get_depth()];
    expectSame(both, [-2_147_483_648, 2_147_483_647], "level and depth");
  },
  "attributes.where": async (peer) => {
    const object = await attributes(peer);
    await object._set_where({ x: 0.25, y: -1e9 });
    expectSame(await object._get_where(), { x: 0.25, y: -1e9 }, "where");
  },
  "attributes.tint": async (peer) => {
    const object = await attributes(peer);
    await object._set_tint("blue");
    expectSame(await object._get_tint(), "blue", "tint");
  },
  "attributes.numbers": async (peer) => {
    const object = await attributes(peer);
    await object._set_numbers([0, 0, -3]);
    expectSame(await object._get_numbers(), [0, 0, -3], "numbers");
  },
  "attributes.anything": async (peer) => {
    const object = await attributes(peer);
    const v = new Any(Interop._tc_Padded, samplePadded());
    await object._set_anything(v);
    expectSame(await object._get_anything(), v, "anything");
  },
  "attributes.squares": async (peer) => {
    const object = await attributes(peer);
    const v = [
      [1, 4, 9],
      [16, 25, 36],
    ];
    await object._set_squares(v);
    expectSame(await object._get_squares(), v, "squares");
  },
  "attributes.live": async (peer) => {
    const object = await attributes(peer);
    for (const v of [true, false]) {
      await object._set_live(v);
      expectSame(await object._get_live(), v, "live");
    }
  },
  "attributes.choice": async (peer) => {
    expectSame(await (await attributes(peer))._get_choice(), { $d: false, no: -1 }, "choice");
  },
  "attributes.self": async (peer) => {
    const object = await attributes(peer);
    await given(await object._get_self())._set_level(99);
    expectSame(await object._get_level(), 99, "level of the same object");
  },
};

export const onewayChecks: Checks = {
  "oneways.add": async (peer) => {
    const object = await oneways(peer);
    await object.clear();
    await Promise.all(Array.from({ length: 100 }, (_, i) => object.add(i + 1)));
    expectSame(await object.wait(100), 5050n, "sum");
  },
  "oneways.note": async (peer) => {
    const object = await oneways(peer);
    await object.clear();
    await object.note("first", { x: 1, y: 2 });
    expectSame(await object.wait(1), 3n, "sum");
    expectSame(await object._get_notes(), ["first"], "notes");
  },
  "oneways.bulk": async (peer) => {
    const object = await oneways(peer);
    await object.clear();
    const v = octets(1 << 20);
    await Promise.all([object.bulk(v), object.bulk(v)]);
    expectSame(await object.wait(2), 2n << 20n, "octets");
  },
  "oneways.locate_error": async (peer) => {
    // Nobody answers a oneway to an object that is gone; the connection goes on.
    const references = given(await peer.root._get_of_references());
    const dead = given(await references.dead());
    await Interop.Listener.uncheckedNarrow(dead).poke(1);
    expectSame(await given(await references.as_top()).who(), "Top", "the next call");
  },
};

export const parkingChecks: Checks = {
  "parking.release": async (peer) => {
    const object = await parking(peer);
    const parked = object.park("release");
    await object.wait_parked("release");
    expect((await object.parked()) >= 1, "parked");
    await object.release("release");
    await parked;
  },
  "parking.concurrent": async (peer) => {
    const object = await parking(peer);
    const tokens = ["one", "two", "three"];
    const parked = new Map(tokens.map((token) => [token, object.park(token)]));
    for (const token of tokens) await object.wait_parked(token);
    expect((await object.parked()) >= 3, "parked");
    // Replies come in another order than their requests.
    for (const token of tokens.toReversed()) {
      await object.release(token);
      await parked.get(token);
    }
  },
  "parking.deadline": async (peer) => {
    const object = await parking(peer);
    const call = (): Promise<void> => object.park("deadline", { timeoutMs: 300 });
    const e = await expectThrow(TIMEOUT, call, "a call with a deadline");
    expectSame(e.completed, "COMPLETED_MAYBE", "completed");
    expect(/park/.test(e.message), `the message names the operation: ${e.message}`);
    expect(/127\.0\.0\.1:\d+/.test(e.message), `the message names the peer: ${e.message}`);
    await object.wait_parked("deadline");
    await object.release("deadline");
    await given(await peer.root._get_of_primitives()).ping();
  },
  "parking.abort": async (peer) => {
    const object = await parking(peer);
    const stop = new AbortController();
    const parked = object.park("abort", { signal: stop.signal });
    await object.wait_parked("abort");
    stop.abort(new RangeError("changed my mind"));
    const thrown = await expectThrow(Error, () => parked, "an aborted call");
    const reasons = [thrown, thrown.cause];
    expect(reasons.includes(stop.signal.reason), `the reason is kept: ${thrown.message}`);
    await object.release("abort");
    await given(await peer.root._get_of_primitives()).ping();
  },
  "parking.pipelined": async (peer) => {
    // 64 calls at a time on one connection.
    const object = given(await peer.root._get_of_primitives());
    const numbers = Array.from({ length: 640 }, (_, i) => i);
    const results: number[] = [];
    const worker = async (): Promise<void> => {
      for (let n = numbers.pop(); n !== undefined; n = numbers.pop())
        results.push((await object.flip_long(n)) + n);
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    expectSame(results.length, 640, "calls");
    expect(
      results.every((sum) => sum === -1),
      "each reply belongs to its request",
    );
  },
};

const later = async (peer: Peer): Promise<Interop.Names.Later> =>
  given(await Interop.Names.Later.narrow(await peer.root.named("names")));

export const nameChecks: Checks = {
  "names.attribute": async (peer) => {
    const object = await later(peer);
    await object._set_attribute(11);
    expectSame(await object._get_attribute(), 11, "attribute");
  },
  "names.new": async (peer) => {
    const object = await later(peer);
    expectSame(await object.new(3, 4), 7, "sum");
    const e = await expectThrow(Interop.Names.delete_, () => object.new(-1, 0), "new(-1)");
    expectSame([e.toString_, e.exception], ["negative", -1], "members");
  },
  "names.then": async (peer) => {
    const object = await later(peer);
    expectSame(await object.then_("a", "b"), { $result: "a", result: "b" }, "then");
  },
  "names.class": async (peer) => {
    const object = await later(peer);
    const v: Interop.Names.function_ = {
      constructor: 5,
      // oxlint-disable-next-line unicorn/no-thenable -- what the IDL calls the member; no function
      then: "then",
      prototype: true,
      default: "await",
      hasOwnProperty: -2,
      long: 9,
    };
    const r = await object.class(v, { $d: "oneway", case: 3 });
    expectSame(r.result, { ...v, constructor: -5 }, "struct");
    expectSame(r.let, { $d: "yield", toString: "oneway" }, "union");
  },
  "names.enum": async (peer) => {
    const object = await later(peer);
    for (const v of ["null", "oneway", "yield", "await"] as const)
      expectSame(await object.instanceof(v), v, "enumerator");
  },
  "names.constant": async (peer) => {
    expectSame(await (await later(peer)).constant(1), 8, "sum");
  },
  "names.late": async (peer) => {
    const f: Interop.Names.function_ = {
      constructor: 1,
      // oxlint-disable-next-line unicorn/no-thenable -- what the IDL calls the member; no function
      then: "",
      prototype: false,
      default: "oneway",
      hasOwnProperty: 0,
      long: 0,
    };
    const v: Interop.Names.Late = { f, where: { x: 1, y: 2 }, kind: "null" };
    expectSame(await (await later(peer)).echo_late(v), v, "struct");
  },
  "dynamic.refused_here": async (peer) => {
    // What cannot be sent fails here, names the place, and leaves the connection as it was.
    const object = given(await peer.root._get_of_dynamic());
    const wrong = new Any(tc.long, "text");
    await expectThrow(BAD_PARAM, () => object.echo_any(wrong), "a text in an any of long");
    expectSame((await object.echo_any(new Any(tc.long, 5))).value, 5, "the next call");
  },
};
