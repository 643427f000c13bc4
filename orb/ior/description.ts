import { SystemException } from "../exception/index.ts";
import { decapsulate } from "../cdr/index.ts";
import { readComponents, type TaggedComponent } from "./component.ts";
import { componentContent } from "./components/content.ts";
import type { Plain } from "./components/plain.ts";
import { type IiopProfile, readIiopProfile } from "./iiop-profile.ts";
import { type Ior, PROFILE_TAG, type TaggedProfile } from "./ior.ts";
import { describeKey, type KeyDescription } from "./key-maker.ts";
import { componentTagName, profileTagName } from "./names.ts";

/** One component of a profile. */
export interface ComponentDescription {
  readonly tag: number;
  /** As the standard or the component's maker calls it; a number in hexadecimal when unknown. */
  readonly name: string;
  readonly data: Uint8Array;
  /** What it says; undefined when the form is not known or the octets are no such thing. */
  readonly content: Plain | undefined;
  /** What is wrong with its octets. */
  readonly problem: string | undefined;
}

/** What an IIOP profile says besides its components. */
export interface IiopDescription extends Omit<IiopProfile, "components"> {
  /** Who made the key, where its form tells. */
  readonly key: KeyDescription | undefined;
}

/** One profile of a reference. */
export interface ProfileDescription {
  readonly tag: number;
  readonly name: string;
  readonly data: Uint8Array;
  /** Of IIOP profiles. */
  readonly iiop: IiopDescription | undefined;
  readonly components: readonly ComponentDescription[];
  readonly problem: string | undefined;
}

/** Everything a reference says. */
export interface IorDescription {
  readonly typeId: string;
  readonly profiles: readonly ProfileDescription[];
}

function whatIsWrong(thrown: unknown): string {
  if (thrown instanceof SystemException) return thrown.message;
  throw thrown;
}

function describeComponent({ tag, data }: TaggedComponent): ComponentDescription {
  const known = { tag, name: componentTagName(tag), data };
  try {
    return { ...known, content: componentContent(tag, data), problem: undefined };
  } catch (thrown) {
    return { ...known, content: undefined, problem: whatIsWrong(thrown) };
  }
}

function describeProfile({ tag, data }: TaggedProfile): ProfileDescription {
  const known = { tag, name: profileTagName(tag), data, problem: undefined };
  try {
    if (tag === PROFILE_TAG.internetIop) {
      const { components, ...profile } = readIiopProfile(data);
      const iiop = { ...profile, key: describeKey(profile.objectKey) };
      return { ...known, iiop, components: components.map(describeComponent) };
    }
    const isList = tag === PROFILE_TAG.multipleComponents;
    const components = isList ? decapsulate(data, readComponents) : [];
    return { ...known, iiop: undefined, components: components.map(describeComponent) };
  } catch (thrown) {
    return { ...known, iiop: undefined, components: [], problem: whatIsWrong(thrown) };
  }
}

/**
 * Everything a reference says, profile by profile. What cannot be read is told as a `problem` of its
 * profile or component; the rest is read all the same.
 */
export function describeIor({ typeId, profiles }: Ior): IorDescription {
  return { typeId, profiles: profiles.map(describeProfile) };
}
