import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";

/** Numbers of the profiles that are known by name (IOP::ProfileId). */
export const PROFILE_TAG = {
  internetIop: 0,
  multipleComponents: 1,
  sccpIop: 2,
  uipmc: 3,
} as const;

/** One way to reach an object. `data` is kept octet for octet, so that unknown profiles survive. */
export interface TaggedProfile {
  readonly tag: number;
  readonly data: Uint8Array;
}

/** An interoperable object reference (CORBA 3.3 Part 2, 7.6.2). Nil is an empty type and no profile. */
export interface Ior {
  readonly typeId: string;
  readonly profiles: readonly TaggedProfile[];
}

/** Far more than is published; bounds what a count that lies may cost. */
const MAX_PROFILES = 1024;

export const NIL_IOR: Ior = { typeId: "", profiles: [] };

export function isNilIor(ior: Ior): boolean {
  return ior.profiles.length === 0;
}

export function writeTaggedProfile(out: CdrOutput, profile: TaggedProfile): void {
  out.ulong(profile.tag).octetSequence(profile.data);
}

/** The data is a copy: references outlive the message they came in. */
export function readTaggedProfile(input: CdrInput): TaggedProfile {
  const tag = input.ulong();
  return { tag, data: new Uint8Array(input.octets(input.sequenceLength(1))) };
}

export function writeIor(out: CdrOutput, ior: Ior): void {
  out.string(ior.typeId).ulong(ior.profiles.length);
  for (const profile of ior.profiles) writeTaggedProfile(out, profile);
}

/** @throws MARSHAL when the octets are no IOR */
export function readIor(input: CdrInput): Ior {
  const typeId = input.string();
  // A profile takes at least its tag and the length of its data.
  const count = input.sequenceLength(8);
  if (count > MAX_PROFILES) {
    const text = `a reference of ${count} profiles; at most ${MAX_PROFILES} are allowed`;
    throw input.fault(text, MINOR.sequenceTooLong);
  }
  const profiles: TaggedProfile[] = [];
  for (let i = 0; i < count; i++) profiles.push(readTaggedProfile(input));
  return { typeId, profiles };
}
