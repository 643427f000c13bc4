/** Whether the target ran before a system exception was raised (CORBA 3.3 Part 1, completion_status). */
export type CompletionStatus = "COMPLETED_YES" | "COMPLETED_NO" | "COMPLETED_MAYBE";

export const Completion = {
  yes: "COMPLETED_YES",
  no: "COMPLETED_NO",
  maybe: "COMPLETED_MAYBE",
} as const;

const BY_ORDINAL: readonly CompletionStatus[] = [Completion.yes, Completion.no, Completion.maybe];

/** The number that stands for it in a reply; of one that no type has checked nobody knows whether the target ran. */
export function completionToOrdinal(status: CompletionStatus): number {
  return BY_ORDINAL.indexOf(BY_ORDINAL.includes(status) ? status : Completion.maybe);
}

/** Undefined when `ordinal` stands for none. */
export function completionFromOrdinal(ordinal: number): CompletionStatus | undefined {
  return BY_ORDINAL[ordinal];
}
