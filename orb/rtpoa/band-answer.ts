import { Completion, INV_POLICY, MINOR, toSystemException } from "../exception/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import { isInBand, isWithin, lanePriorities, type RtPolicies } from "./combinations.ts";
import { bandIn, BIND_BAND } from "./contexts.ts";

/** Why no connection to the POA can be for the priorities that the client says; undefined where one can. @throws MARSHAL */
function refusal({ contexts }: ServerRequest, policies: RtPolicies): string | undefined {
  const { bands } = policies;
  const band = bandIn(contexts);
  if (band === undefined) return "no RTCorbaPriorityRange";
  const said = `${band.low} to ${band.high}`;
  if (bands.length > 0 && !bands.some((own) => isWithin(band, own)))
    return `${said} is in no band of the POA`;
  const lanes = lanePriorities(policies);
  return lanes.length > 0 && !lanes.some((lane) => isInBand(band, lane))
    ? `no lane in ${said}`
    : undefined;
}

/** Answers `_bind_priority_band`: whether a connection may be for the priorities that its client says (RT-CORBA 1.2, 5.13). */
export function answerBand(request: ServerRequest, policies: RtPolicies): void {
  try {
    const why = refusal(request, policies);
    if (why === undefined) request.result(() => undefined);
    else throw new INV_POLICY(`${BIND_BAND}: ${why}`, MINOR.policiesIrreconcilable, Completion.no);
  } catch (error) {
    request.systemException(toSystemException(error, Completion.no));
  }
}
