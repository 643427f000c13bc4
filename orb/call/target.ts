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
import type { CallAddress } from "../hook/index.ts";
import type { OnCancel, Route } from "../iiop/index.ts";
import {
  alternateAddressesOf,
  COMPONENT_TAG,
  findComponent,
  hasHeartbeat,
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

/** What all addresses of one profile have in common. */
interface ProfileTerms {
  readonly ior: Ior;
  readonly profileIndex: number;
  readonly objectKey: Uint8Array;
  /** The key as requests carry it. */
  readonly addressing: Addressing;
  readonly group: ObjectGroup | undefined;
  readonly hasHeartbeat: boolean;
  readonly minor: GiopMinor;
  readonly sets: CodeSets;
  readonly noWchar: NoWchar;
  readonly onCancel: OnCancel;
}

/** Variants of one address that are kept; more are made anew each time. */
const MAX_VARIANTS = 256;

/** One address at which an object may be called, with all that a request to it needs. */
export class Target implements Route, CallAddress {
  readonly host: string;
  readonly port: number;
  declare readonly path?: string;
  readonly place: string;
  readonly tag: string;
  readonly minor: GiopMinor;
  readonly charSet: number;
  readonly wcharSet: number;
  readonly noWchar: NoWchar;
  readonly onCancel: OnCancel;
  readonly routeKey: string;
  readonly objectKey: Uint8Array;
  readonly addressing: Addressing;
  /** For servers that want to be addressed by it. */
  readonly profileIndex: number;
  readonly group: ObjectGroup | undefined;
  /** Whether the server answers heartbeats. */
  readonly hasHeartbeat: boolean;
  readonly ior: Ior;
  /** How the server wants the object named. */
  namedBy: Addressing["by"] = "key";
  readonly #terms: ProfileTerms;
  /** The address of the reference that this is a variant of. */
  readonly #origin: Target | undefined;
  #identity: string | undefined;
  #variants: Map<string, Target> | undefined;

  constructor(
    terms: ProfileTerms,
    { host, port, path }: Endpoint,
    tag: string = "",
    origin?: Target,
  ) {
    const { sets, minor, onCancel } = terms;
    this.host = host;
    this.port = port;
    if (path !== undefined) this.path = path;
    this.place = placeOf(this);
    this.tag = tag;
    this.minor = minor;
    this.charSet = sets.charSet;
    this.wcharSet = sets.wcharSet;
    this.noWchar = terms.noWchar;
    this.onCancel = onCancel;
    this.routeKey = `${this.place} 1.${minor} ${sets.charSet} ${sets.wcharSet} ${onCancel} ${tag}`;
    this.objectKey = terms.objectKey;
    this.addressing = terms.addressing;
    this.profileIndex = terms.profileIndex;
    this.group = terms.group;
    this.hasHeartbeat = terms.hasHeartbeat;
    this.ior = terms.ior;
    this.#terms = terms;
    this.#origin = origin;
  }

  /** Host, port and key: equal for references to the same object. */
  get identity(): string {
    // All versions of a group's reference are equivalent (CORBA 3.3 Part 2, 23.2.4).
    this.#identity ??=
      this.group === undefined
        ? `${this.place}/${Buffer.from(this.objectKey).toString("hex")}`
        : `group ${this.group.id} of ${this.group.domain}`;
    return this.#identity;
  }

  /** The address as the reference has it. */
  get origin(): Target {
    return this.#origin ?? this;
  }

  with({ endpoint = this, tag = this.tag }: Parameters<CallAddress["with"]>[0]): Target {
    const origin = this.origin;
    const name = `${placeOf(endpoint)} ${tag}`;
    if (name === `${origin.place} `) return origin;
    origin.#variants ??= new Map();
    const known = origin.#variants.get(name);
    if (known !== undefined) return known;
    const made = new Target(this.#terms, endpoint, tag, origin);
    if (origin.#variants.size < MAX_VARIANTS) origin.#variants.set(name, made);
    return made;
  }
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
    const group = objectGroupOf(profile.components);
    const { objectKey } = profile;
    const addressing: Addressing = { by: "key", objectKey };
    const terms: ProfileTerms = {
      ior,
      profileIndex,
      objectKey,
      addressing,
      group,
      hasHeartbeat: hasHeartbeat(profile.components),
      minor,
      sets,
      noWchar,
      onCancel,
    };
    const into = group !== undefined && isPrimaryProfile(profile.components) ? primaries : targets;
    for (const endpoint of endpointsOf(profile)) into.push(new Target(terms, endpoint));
  }
  return primaries.length === 0 ? targets : [...primaries, ...targets];
}
