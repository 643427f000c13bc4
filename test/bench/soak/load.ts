import { ORB_init, type Transport } from "../../../orb/index.ts";
import { CHECKS, runChecks } from "../../interop/checks/all.ts";
import { given } from "../../interop/checks/check.ts";
import * as Interop from "../../interop/gen/Interop.ts";
import { registerValues } from "../../interop/servants/sample-values.ts";

/** What the checks said, and where the server is. */
export interface Round {
  readonly host: string;
  readonly port: number;
  /** By the name of the check; undefined for one that passed. */
  readonly outcomes: ReadonlyMap<string, string | undefined>;
}

/** Runs checks against the Interop::Root of `ior`, by an ORB that comes for them and goes. */
export async function runRound(
  ior: string,
  names: readonly string[],
  transport?: Transport,
): Promise<Round> {
  const options = transport === undefined ? {} : { transport };
  await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"], options);
  registerValues(orb);
  orb.rootPOA.the_POAManager.activate();
  const root = given(await Interop.Root.narrow(await orb.string_to_object(ior)));
  const { host, port } = root._core.ownTargets[0] ?? { host: "", port: 0 };
  return { host, port, outcomes: await runChecks(CHECKS, { orb, root }, names) };
}

/** The checks that pass; some are for other ORBs, and some pass once only. */
export async function passing(ior: string): Promise<string[]> {
  let names = Object.keys(CHECKS);
  for (let round = 0; round < 2; round++) {
    const { outcomes } = await runRound(ior, names);
    names = names.filter((name) => outcomes.has(name) && outcomes.get(name) === undefined);
  }
  return names;
}
