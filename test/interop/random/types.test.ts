// Random types and values in anys through omniORB, and through its DynAny and ours: the TypeCodes are those that idlc
// generates. Left out are valuetypes, which omniORB reads in no any without their classes, and long double, which it
// keeps in the format of the machine.
import { Any, ORB_init, tc, type TypeCode } from "../../../orb/index.ts";
import { findPeers, type Peers } from "../../support/omniorb.ts";
import { rebuiltAny } from "../../support/rebuild.ts";
import { describe, expect, expectSame, given } from "../checks/check.ts";
import { startCppServer } from "../cpp-peers.ts";
import * as Interop from "../gen/Interop.ts";
import { randomTypeCodes, randomValues, SEED, typesOf } from "./typecodes.ts";
import { declareGroup, type Outcomes } from "../results.ts";

const peers = await findPeers();

/** What is wrong with the first of some types; undefined when omniORB gives back everything as it was sent. */
async function faultOf(
  object: Interop.Dynamic,
  types: readonly TypeCode[],
): Promise<string | undefined> {
  const samples: Any[] = [];
  for (const type of types) {
    const what = `seed ${SEED}, ${type.name()}`;
    try {
      expectSame(await object.echo_typecode(type), type, what);
      for (const any of randomValues(type)) {
        const echo = await object.echo_any(any);
        expectSame(echo, any, what);
        const rebuilt = rebuiltAny(echo);
        expectSame(rebuilt, any, `${what}, through our DynAny`);
        expectSame(await object.rebuild(rebuilt), any, `${what}, through omniORB's DynAny`);
        expect(echo.type.equivalent(type), `${what}: not equivalent`);
        samples.push(any);
      }
    } catch (thrown) {
      return `${what}: ${describe(thrown)}`;
    }
  }
  const all = new Any(tc.sequence(tc.any), samples);
  try {
    expectSame(await object.echo_any(all), all, "all together");
  } catch (thrown) {
    return `seed ${SEED}, all in one sequence: ${describe(thrown)}`;
  }
  return undefined;
}

async function run(cpp: Peers, names: readonly string[]): Promise<Outcomes> {
  const types = await randomTypeCodes();
  await using server = await startCppServer(cpp);
  await using orb = await ORB_init();
  const root = given(await Interop.Root.narrow(await orb.string_to_object(server.ior)));
  const object = given(await root._get_of_dynamic());
  const outcomes = new Map<string, string | undefined>();
  for (const name of names) outcomes.set(name, await faultOf(object, typesOf(name, types)));
  return outcomes;
}

declareGroup("random-types", peers && ((names) => run(peers, names)));
