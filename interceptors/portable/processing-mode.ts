import type { CORBA, PortableInterceptor } from "../../idl/index.ts";
import { type Policy, PolicyError } from "../../orb/index.ts";

/** PortableInterceptor::PROCESSING_MODE_POLICY_TYPE. */
export const PROCESSING_MODE_POLICY_TYPE = 61;

const LOCAL_AND_REMOTE = 0;
const REMOTE_ONLY = 1;
const LOCAL_ONLY = 2;
/** CORBA::BAD_POLICY and CORBA::BAD_POLICY_VALUE. */
const BAD_POLICY = 0;
const BAD_POLICY_VALUE = 3;

/** Which calls an interceptor sees: those within the process, those to others, or both. */
export class ProcessingModePolicy implements Policy, PortableInterceptor.ProcessingModePolicy {
  readonly policy_type: CORBA.PolicyType = PROCESSING_MODE_POLICY_TYPE;
  readonly value: PortableInterceptor.ProcessingMode;

  /** @throws PolicyError 3 for a mode that does not exist */
  constructor(mode: PortableInterceptor.ProcessingMode) {
    if (mode !== LOCAL_AND_REMOTE && mode !== REMOTE_ONLY && mode !== LOCAL_ONLY) {
      const allowed = "LOCAL_AND_REMOTE 0, REMOTE_ONLY 1, LOCAL_ONLY 2";
      throw new PolicyError(
        { reason: BAD_POLICY_VALUE },
        `processing mode ${String(mode)}; allowed: ${allowed}`,
      );
    }
    this.value = mode;
  }

  get processing_mode(): PortableInterceptor.ProcessingMode {
    return this.value;
  }
}

/** Interceptors by the calls they see, in the order in which they were added. */
export interface ByPlace<I> {
  readonly local: readonly I[];
  readonly remote: readonly I[];
}

/** The interceptors of one kind, as they are added. */
export class Added<I extends { readonly name: string }> implements ByPlace<I> {
  readonly all: I[] = [];
  readonly local: I[] = [];
  readonly remote: I[] = [];

  /** @throws PolicyError for a policy other than one of processing mode */
  add(interceptor: I, policies: readonly Policy[]): void {
    const mode = modeOf(policies);
    this.all.push(interceptor);
    if (mode !== REMOTE_ONLY) this.local.push(interceptor);
    if (mode !== LOCAL_ONLY) this.remote.push(interceptor);
  }
}

function modeOf(policies: readonly Policy[]): PortableInterceptor.ProcessingMode {
  let mode: PortableInterceptor.ProcessingMode = LOCAL_AND_REMOTE;
  for (const policy of policies) {
    if (policy.policy_type !== PROCESSING_MODE_POLICY_TYPE) {
      const text = `policy type ${policy.policy_type} says nothing of an interceptor; known: ${PROCESSING_MODE_POLICY_TYPE}, the processing mode`;
      throw new PolicyError({ reason: BAD_POLICY }, text);
    }
    mode = new ProcessingModePolicy(policy.value as number).processing_mode;
  }
  return mode;
}
