import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import type { Policy } from "./policy.ts";

/** What the ORB knows of the policies of one type. */
export interface PolicyKind {
  readonly type: number;
  /** As messages call it. */
  readonly name: string;
  /** Whether clients override it. */
  readonly isOfCalls: boolean;
  /** Whether POAs are made with it. */
  readonly isOfPoas: boolean;
  /** Whether the ORB's policy manager takes it: for POAs that are made without. */
  readonly isDefaultOfPoas?: boolean;
  /** Whether the references of a POA that has it say so, in TAG_POLICIES. */
  readonly inIor: boolean;
  /** @param value in an any, or alone; also one that came over the wire. @throws PolicyError */
  create(value: unknown): Policy;
  /** How the value stands in the encapsulation of a PolicyValue; absent where it never travels. */
  readonly wire?: {
    write(out: CdrOutput, value: unknown): void;
    /** @throws MARSHAL */
    read(input: CdrInput): unknown;
  };
  /** The value that a client's and a reference's have in common, undefined for none; absent where it is the client's own affair. */
  readonly common?: (client: unknown, server: unknown) => unknown;
}
