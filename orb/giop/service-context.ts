import {
  type CdrInput,
  type CdrOutput,
  type CodeSets,
  decapsulate,
  encapsulate,
} from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";

/** Numbers of service contexts by name (IOP::ServiceId). */
export const SERVICE_ID = {
  transactionService: 0,
  codeSets: 1,
  bidirectionalIiop: 5,
  sendingContextRunTime: 6,
  invocationPolicies: 7,
  unknownExceptionInfo: 9,
  rtCorbaPriority: 10,
  rtCorbaPriorityRange: 11,
  ftGroupVersion: 12,
  ftRequest: 13,
  exceptionDetailMessage: 14,
  securityAttributeService: 15,
  activityService: 16,
  rmiCustomMaxStreamFormat: 17,
  /** Of this ORB, beside FT_REQUEST: the client needs no answer to its requests of lower retention ids. */
  ftAnswered: 0x4f57_0003,
} as const;

/** Most contexts a message may carry: far above what is sent, far below what costs memory. */
export const MAX_SERVICE_CONTEXTS = 1024;

/** Something that travels beside the arguments. Nearly always `data` is an encapsulation. */
export interface ServiceContext {
  readonly id: number;
  readonly data: Uint8Array;
}

const NONE: readonly ServiceContext[] = [];

export function writeServiceContexts(out: CdrOutput, contexts: readonly ServiceContext[]): void {
  out.ulong(contexts.length);
  for (let i = 0; i < contexts.length; i++) {
    const context = contexts[i];
    if (context !== undefined) out.ulong(context.id).octetSequence(context.data);
  }
}

/** The data of each context is a view of the message. */
export function readServiceContexts(input: CdrInput): readonly ServiceContext[] {
  // A context takes at least its id and the length of its data.
  const count = input.sequenceLength(8);
  if (count === 0) return NONE;
  if (count > MAX_SERVICE_CONTEXTS) {
    throw input.fault(
      `${count} service contexts; at most ${MAX_SERVICE_CONTEXTS} are allowed`,
      MINOR.sequenceTooLong,
    );
  }
  const contexts: ServiceContext[] = [];
  for (let i = 0; i < count; i++) {
    const id = input.ulong();
    contexts.push({ id, data: input.octets(input.sequenceLength(1)) });
  }
  return contexts;
}

/** The first context of the id: one of each is the rule. */
export function findServiceContext(
  contexts: readonly ServiceContext[],
  id: number,
): ServiceContext | undefined {
  for (let i = 0; i < contexts.length; i++) if (contexts[i]?.id === id) return contexts[i];
  return undefined;
}

/** CONV_FRAME::CodeSetContext, sent on the first request of a connection (CORBA 3.3 Part 2, 7.10.2.5). */
export function codeSetsContext({ charSet, wcharSet }: CodeSets): ServiceContext {
  return {
    id: SERVICE_ID.codeSets,
    data: encapsulate((out) => out.ulong(charSet).ulong(wcharSet)),
  };
}

/** @throws MARSHAL when octets are missing */
export function readCodeSetsContext(data: Uint8Array): CodeSets {
  return decapsulate(data, (input) => {
    const charSet = input.ulong();
    return { charSet, wcharSet: input.ulong() };
  });
}
