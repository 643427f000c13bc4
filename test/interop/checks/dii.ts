import {
  _request,
  Any,
  BAD_OPERATION,
  dynamicCall,
  type ObjectReference,
  tc,
  type TypeCode,
  UNKNOWN,
  UnknownUserException,
} from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";
import { ANY_KINDS, sampleAny, sampleOuter, samplePadded } from "../samples.ts";
import { type Checks, expect, expectSame, expectThrow, given, type Peer } from "./check.ts";

/** Kinds that cannot be a parameter's type, or not in every GIOP version. */
const NO_PARAMETERS: readonly string[] = ["null", "exception", "wchar", "wstring"];

/** The server's object without a skeleton. */
export async function mirrorOf(peer: Peer): Promise<ObjectReference> {
  return given(await peer.root.named("mirror"));
}

/** From now on the mirror's parameters are of this type. */
export async function learn(mirror: ObjectReference, type: TypeCode): Promise<void> {
  await dynamicCall(mirror, "learn", { args: [[tc.TypeCode, type]] });
}

/** Sends a value through both operations of the mirror, and wants it back each time. */
export async function reflect(mirror: ObjectReference, v: Any, what: string): Promise<void> {
  const { type, value } = v;
  expectSame(
    new Any(type, await dynamicCall(mirror, "echo", { args: [[type, value]], result: type })),
    v,
    `${what}, echo`,
  );
  const turn = _request(mirror, "turn");
  const a = turn.add_inout_arg(v, "a");
  const b = turn.add_out_arg(type, "b");
  turn.set_return_type(type);
  await turn.invoke();
  expectSame(turn.return_value, v, `${what}, result`);
  expectSame(a.value, v, `${what}, inout argument`);
  expectSame(b.value, v, `${what}, out argument`);
}

export const diiChecks: Checks = {
  "dii.echo": async (peer) => {
    const mirror = await mirrorOf(peer);
    for (const kind of ANY_KINDS) {
      if (NO_PARAMETERS.includes(kind)) continue;
      const v = sampleAny(kind);
      await learn(mirror, v.type);
      await reflect(mirror, v, kind);
    }
  },
  "dii.turn": async (peer) => {
    const mirror = await mirrorOf(peer);
    await learn(mirror, Interop._tc_Padded);
    await reflect(mirror, new Any(Interop._tc_Padded, samplePadded()), "Padded");
  },
  "dii.refuse": async (peer) => {
    const mirror = await mirrorOf(peer);
    await learn(mirror, tc.long);
    const raises = [Interop._tc_Refused];
    const thrown = await expectThrow(
      UnknownUserException,
      () => dynamicCall(mirror, "refuse", { args: [[tc.long, 1]], raises }),
      "refuse",
    );
    const refused = new Any(Interop._tc_Refused, { code: 7, why: "no" });
    expectSame(thrown.exception, refused, "the exception");
  },
  "dii.unlisted": async (peer) => {
    const mirror = await mirrorOf(peer);
    await learn(mirror, tc.long);
    const call = (): Promise<unknown> => dynamicCall(mirror, "refuse", { args: [[tc.long, 1]] });
    await expectThrow(UNKNOWN, call, "refuse");
  },
  "dii.unknown_operation": async (peer) => {
    const mirror = await mirrorOf(peer);
    await expectThrow(BAD_OPERATION, () => dynamicCall(mirror, "none"), "none");
  },
  "dii.deferred": async (peer) => {
    const mirror = await mirrorOf(peer);
    await learn(mirror, tc.string());
    const requests = ["first", "second"].map((text) => {
      const request = _request(mirror, "echo");
      request.add_in_arg(new Any(tc.string(), text));
      request.set_return_type(tc.string());
      return request;
    });
    peer.orb.send_multiple_requests_deferred(requests);
    const got = [await peer.orb.get_next_response(), await peer.orb.get_next_response()];
    expectSame(
      got.map((r) => r.exception).filter((e) => e !== undefined),
      [],
      "failures",
    );
    const texts = requests.map((request) => request.return_value.value);
    expectSame(texts, ["first", "second"], "texts");
  },
  "dii.skeleton": async (peer) => {
    const object = await peer.root._get_of_constructed();
    const outer = sampleOuter();
    const results = await dynamicCall(object, "outer_inout", {
      args: [
        { inout: "v", type: Interop._tc_Outer, value: outer },
        { out: "second", type: Interop._tc_Outer.member_type(0) },
        { out: "where", type: Interop._tc_Position },
      ],
    });
    expectSame(results, await given(object).outer_inout(outer), "what the stub brings");
  },
  "dii.is_a": async (peer) => {
    const mirror = await mirrorOf(peer);
    const isA = async (id: string): Promise<unknown> =>
      await dynamicCall(mirror, "_is_a", { args: [[tc.string(), id]], result: tc.boolean });
    expectSame(await isA("IDL:test.orbweaver/Interop/Mirror:1.0"), true, "its own interface");
    expectSame(await isA(Interop.Root.repositoryId), false, "another interface");
    expect(!(await mirror._non_existent()), "it exists");
  },
};
