import { hostname } from "node:os";
import {
  clientOfTargetWithoutWchar,
  clientWithoutWchar,
  type CodeSets,
  type GiopMinor,
  negotiateCodeSets,
  type NoWchar,
} from "../cdr/index.ts";
import type { Target as Addressing } from "../giop/index.ts";
import type { OnCancel, Route } from "../iiop/index.ts";
import {
  alternateAddressesOf,
  COMPONENT_TAG,
  findComponent,
  type IiopProfile,
  type Ior,
  isPrimaryProfile,
  type ObjectGroup,
  objectGroupOf,
  ORB_TYPE,
  PROFILE_TAG,
  readCodeSetsComponent,
  readIiopProfile,
  readOrbTypeComponent,
  unixAddressesOf,
} from "../ior/index.ts";
import { type Endpoint, placeOf } from "../transport/index.ts";

/** One address at which an object may be called, with all that a request to it needs. */
export interface Target extends Route {
  readonly objectKey: Uint8Array;
  /** The key as requests carry it. */
  readonly addressing: Addressing;
  /** Host, port and key: equal for references to the same object. */
  readonly identity: string;
  /** Which profile of which reference this is; for servers that want to be addressed by it. */
  readonly profileIndex: number;
  /** Of which group the object is a member. */
  readonly group: ObjectGroup | undefined;
  readonly ior: Ior;
}

function codeSetsOf(profile: IiopProfile): { readonly sets: CodeSets; readonly noWchar: NoWchar } {
  const component = findComponent(profile.components, COMPONENT_TAG.codeSets);
  if (component === undefined) {
    return { sets: negotiateCodeSets(undefined), noWchar: clientWithoutWchar };
  }
  return {
    sets: negotiateCodeSets(readCodeSetsComponent(component.data)),
    noWchar: clientOfTargetWithoutWchar,
  };
}

/** An address alone, as in a corbaloc or a profile of IIOP 1.0, does not say whose server is there. */
function onCancelOf(profile: IiopProfile): OnCancel {
  const component = findComponent(profile.components, COMPONENT_TAG.orbType);
  if (component === undefined) return "leave";
  return readOrbTypeComponent(component.data) === ORB_TYPE.omniOrb ? "forget" : "tell";
}

/** Where a profile's object is served: on this machine by its UNIX-domain sockets first, as omniORB does. */
function endpointsOf(profile: IiopProfile): readonly Endpoint[] {
  const { host, port, components } = profile;
  const own = unixAddressesOf(components).filter((address) => address.host === hostname());
  const here = own.map(({ path }) => ({ host: "", port: 0, path }));
  const there = [{ host, port }, ...alternateAddressesOf(components)];
  // Port 0 says that there is no plain endpoint.
  return [...here, ...there.filter((address) => address.port !== 0)];
}

/**
 * The addresses of a reference in the order of its profiles, a group's primary first, a profile's alternate addresses behind its own.
 * Empty when no profile is IIOP. @throws MARSHAL or CODESET_INCOMPATIBLE for a profile that cannot be used
 */
export function targetsOf(ior: Ior): readonly Target[] {
  const targets: Target[] = [];
  const primaries: Target[] = [];
  for (const [profileIndex, tagged] of ior.profiles.entries()) {
    if (tagged.tag !== PROFILE_TAG.internetIop) continue;
    const profile = readIiopProfile(tagged.data);
    const { sets, noWchar } = codeSetsOf(profile);
    const minor = Math.min(profile.minor, 2) as GiopMinor;
    const onCancel = onCancelOf(profile);
    const key = Buffer.from(profile.objectKey).toString("hex");
    const group = objectGroupOf(profile.components);
    const into = group !== undefined && isPrimaryProfile(profile.components) ? primaries : targets;
    for (const endpoint of endpointsOf(profile)) {
      const place = placeOf(endpoint);
      into.push({
        ...endpoint,
        place,
        minor,
        charSet: sets.charSet,
        wcharSet: sets.wcharSet,
        noWchar,
        onCancel,
        routeKey: `${place} 1.${minor} ${sets.charSet} ${sets.wcharSet} ${onCancel}`,
        objectKey: profile.objectKey,
        addressing: { by: "key", objectKey: profile.objectKey },
        // All versions of a group's reference are equivalent (CORBA 3.3 Part 2, 23.2.4).
        identity: group === undefined ? `${place}/${key}` : `group ${group.id} of ${group.domain}`,
        profileIndex,
        group,
        ior,
      });
    }
  }
  return primaries.length === 0 ? targets : [...primaries, ...targets];
}
