import type { Outcomes } from "../results.ts";
import { basicChecks } from "./basic.ts";
import type { Checks, Peer } from "./check.ts";
import { constructedChecks } from "./constructed.ts";
import { diiChecks } from "./dii.ts";
import { dynamicChecks, unionChecks } from "./dynamic.ts";
import { attributeChecks, faultChecks, nameChecks, onewayChecks, parkingChecks } from "./live.ts";
import { poaChecks } from "./poa.ts";
import { callbackChecks, referenceChecks } from "./references.ts";
import { textChecks } from "./texts.ts";
import { valueChecks } from "./values.ts";

/** Every check our client has. */
export const CHECKS: Checks = {
  ...basicChecks,
  ...textChecks,
  ...constructedChecks,
  ...unionChecks,
  ...dynamicChecks,
  ...diiChecks,
  ...faultChecks,
  ...attributeChecks,
  ...onewayChecks,
  ...parkingChecks,
  ...nameChecks,
  ...poaChecks,
  ...referenceChecks,
  ...callbackChecks,
  ...valueChecks,
};

/** Runs checks one after the other. A name without a check has no outcome. */
export async function runChecks(
  checks: Checks,
  peer: Peer,
  names: readonly string[],
): Promise<Outcomes> {
  const outcomes = new Map<string, string | undefined>();
  for (const name of names) {
    const check = checks[name];
    if (check === undefined) continue;
    try {
      await check(peer);
      outcomes.set(name, undefined);
    } catch (thrown) {
      outcomes.set(
        name,
        thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
      );
    }
  }
  return outcomes;
}
