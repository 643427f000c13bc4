import { COMPONENT_TAG } from "./component.ts";
import {
  alternateAddressComponent,
  alternateAddressesOf,
  type IiopAddress,
} from "./components/alternate-address.ts";
import {
  type ObjectGroup,
  objectGroupComponent,
  primaryComponent,
} from "./components/object-group.ts";
import { type IiopProfile, iiopProfilesOf, writeIiopProfile } from "./iiop-profile.ts";
import type { Ior, TaggedProfile } from "./ior.ts";

/** A group of servers that serve the same objects under the same keys. */
export interface PublishedGroup {
  readonly group: ObjectGroup;
  /** Profiles of a reference of each member: they tell where it is reached. The primary is the first. */
  readonly members: readonly (readonly TaggedProfile[])[];
}

/** What is said of a member itself, and not of all: it is written anew. */
const OF_MEMBERS: readonly number[] = [
  COMPONENT_TAG.alternateIiopAddress,
  COMPONENT_TAG.ftGroup,
  COMPONENT_TAG.ftPrimary,
  COMPONENT_TAG.omniOrbUnixTransport,
];

/**
 * The reference of one member made that of its group: a profile for each member, in which all others are alternate
 * addresses, for TAO goes from profile to profile and omniORB from address to address (CORBA 3.3 Part 2, 23.2.3). A reference
 * without an IIOP profile, or a group whose members are nowhere, is left as it is.
 * @throws MARSHAL for a profile that cannot be read
 */
export function groupReference(ior: Ior, { group, members }: PublishedGroup): Ior {
  const [own] = iiopProfilesOf(ior);
  const places = members.map(addressesOf).filter((addresses) => addresses.length > 0);
  if (own === undefined || places.length === 0) return ior;
  const common = own.components.filter(({ tag }) => !OF_MEMBERS.includes(tag));
  const profiles = places.map((place, i) => {
    const all = [...place, ...places.slice(i + 1).flat(), ...places.slice(0, i).flat()];
    const [first = own, ...others] = all;
    const profile: IiopProfile = {
      ...own,
      host: first.host,
      port: first.port,
      components: [
        ...common,
        ...others.map(alternateAddressComponent),
        objectGroupComponent(group),
        ...(i === 0 ? [primaryComponent(true)] : []),
      ],
    };
    return writeIiopProfile(profile);
  });
  return { typeId: ior.typeId, profiles };
}

/** Where the IIOP profiles of a reference lead: the address of each, then its alternates. @throws MARSHAL */
export function addressesOf(profiles: readonly TaggedProfile[]): readonly IiopAddress[] {
  return iiopProfilesOf({ typeId: "", profiles }).flatMap(({ host, port, components }) => [
    ...(port === 0 ? [] : [{ host, port }]),
    ...alternateAddressesOf(components),
  ]);
}
