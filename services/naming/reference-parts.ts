import { IIOP, IOP } from "../../idl/index.ts";
import { CdrInput, CdrOutput } from "../../orb/generated.ts";

/** Where a server is reached by IIOP. */
export interface NamingAddress {
  readonly host: string;
  readonly port: number;
}

function decoded<T>(octets: Uint8Array, read: (input: CdrInput) => T): T {
  const littleEndian = ((octets[0] ?? 0) & 1) === 1;
  return read(new CdrInput(octets, { littleEndian, position: 1 }));
}

/** In an encapsulation: the octet order first. */
function encoded(write: (out: CdrOutput) => void): Uint8Array {
  const out = new CdrOutput();
  out.octet(out.littleEndian ? 1 : 0);
  write(out);
  return out.finish();
}

function iorOf(text: string): IOP.IOR {
  return decoded(Buffer.from(text.slice("IOR:".length), "hex"), IOP.readIOR);
}

/** Its components are there since IIOP 1.1. */
function hasComponents(profile: IOP.TaggedProfile): boolean {
  return profile.tag === IOP.TAG_INTERNET_IOP && (profile.profile_data[2] ?? 0) >= 1;
}

/** The object key of the first IIOP profile of a stringified reference; undefined when there is none. */
export function objectKeyOf(text: string): Uint8Array | undefined {
  const profile = iorOf(text).profiles.find(({ tag }) => tag === IOP.TAG_INTERNET_IOP);
  if (profile === undefined) return undefined;
  return decoded(profile.profile_data, IIOP.readProfileBody_1_0).object_key;
}

/**
 * A stringified reference that names further addresses of the same object, as TAG_ALTERNATE_IIOP_ADDRESS: omniORB, TAO
 * and this ORB try them when the first does not answer.
 */
export function withAlternates(text: string, addresses: readonly NamingAddress[]): string {
  if (addresses.length === 0) return text;
  const ior = iorOf(text);
  const profiles = ior.profiles.map((profile) => {
    if (!hasComponents(profile)) return profile;
    const body = decoded(profile.profile_data, IIOP.readProfileBody_1_1);
    const more = addresses.map(({ host, port }) => ({
      tag: IOP.TAG_ALTERNATE_IIOP_ADDRESS,
      component_data: encoded((out) => out.string(host).ushort(port)),
    }));
    const components = [...body.components, ...more];
    const profile_data = encoded((out) => IIOP.writeProfileBody_1_1(out, { ...body, components }));
    return { tag: profile.tag, profile_data };
  });
  const octets = encoded((out) => IOP.writeIOR(out, { ...ior, profiles }));
  return `IOR:${Buffer.from(octets).toString("hex")}`;
}
