import { decapsulate, encapsulate } from "../cdr/index.ts";
import { Completion, INV_OBJREF, MINOR } from "../exception/index.ts";
import { readComponents, type TaggedComponent, writeComponents } from "./component.ts";
import { type Ior, PROFILE_TAG, type TaggedProfile } from "./ior.ts";

/** What a profile of tag TAG_INTERNET_IOP says (CORBA 3.3 Part 2, 9.7.2). */
export interface IiopProfile {
  /** IIOP 1.`minor`, as published: may be more than we speak. It bounds the GIOP version to send. */
  readonly minor: number;
  /** IPv4 address, DNS name, or IPv6 address without brackets. */
  readonly host: string;
  /** 0 when there is no plain endpoint. */
  readonly port: number;
  readonly objectKey: Uint8Array;
  /** Empty for IIOP 1.0, whose profile has no room for them. */
  readonly components: readonly TaggedComponent[];
}

/** Components are left out of an IIOP 1.0 profile. */
export function writeIiopProfile(profile: IiopProfile): TaggedProfile {
  const data = encapsulate((out) => {
    out.octet(1).octet(profile.minor).string(profile.host).ushort(profile.port);
    out.octetSequence(profile.objectKey);
    if (profile.minor > 0) writeComponents(out, profile.components);
  });
  return { tag: PROFILE_TAG.internetIop, data };
}

/**
 * Reads the data of a profile. A minor version above 1.2 is read as far as 1.2 goes. The key and the
 * data of the components are views of `data`.
 * @throws MARSHAL when octets are missing
 * @throws INV_OBJREF when the major version is not 1
 */
export function readIiopProfile(data: Uint8Array): IiopProfile {
  return decapsulate(data, (input) => {
    const major = input.octet();
    const minor = input.octet();
    if (major !== 1) {
      throw new INV_OBJREF(
        `the profile is of IIOP ${major}.${minor}; only 1.x is known`,
        MINOR.none,
        Completion.no,
      );
    }
    const host = input.string();
    const port = input.ushort();
    const objectKey = input.octets(input.sequenceLength(1));
    const components = minor > 0 ? readComponents(input) : [];
    return { minor, host, port, objectKey, components };
  });
}

/** The IIOP profiles of a reference, in its order. @throws as {@link readIiopProfile} */
export function iiopProfilesOf(ior: Ior): IiopProfile[] {
  return ior.profiles
    .filter((profile) => profile.tag === PROFILE_TAG.internetIop)
    .map((profile) => readIiopProfile(profile.data));
}

/** The reference with more components in each of its IIOP profiles, except those of IIOP 1.0. */
export function withComponents(ior: Ior, more: readonly TaggedComponent[]): Ior {
  if (more.length === 0) return ior;
  const profiles = ior.profiles.map((tagged) => {
    if (tagged.tag !== PROFILE_TAG.internetIop) return tagged;
    const profile = readIiopProfile(tagged.data);
    return writeIiopProfile({ ...profile, components: [...profile.components, ...more] });
  });
  return { ...ior, profiles };
}
