import { Any, readAny, readValue, writeAny, writeValue } from "../any/index.ts";
import {
  type CdrContext,
  type CdrInput,
  decapsulate,
  encapsulate,
  type GiopMinor,
  OWN_CODE_SETS,
} from "../cdr/index.ts";
import { BAD_PARAM, MARSHAL, MINOR } from "../exception/index.ts";
import type { OrbInProgress } from "../hook/index.ts";
import {
  alternateAddressComponent,
  codeSetsComponent,
  type Ior,
  ORB_TYPE,
  orbTypeComponent,
  PROFILE_TAG,
  readComponents,
  readIiopProfile,
  type TaggedComponent,
  type TaggedProfile,
  writeIiopProfile,
} from "../ior/index.ts";
import { ObjectReference } from "../object/index.ts";
import type { Endpoint } from "../transport/index.ts";
import type { TypeCode } from "../typecode/index.ts";

const IIOP_MINOR = 2;

/** What a new ORB shows of itself that needs its streams. */
type Streams = Pick<OrbInProgress, "iorAt" | "iorOf" | "componentsOf" | "encode" | "decode">;

/** The parts of {@link OrbInProgress} that are the same for every ORB but for its context. */
export function streamsOf(context: CdrContext): Streams {
  const options = (giopMinor: GiopMinor) => ({
    giopMinor,
    charSet: OWN_CODE_SETS.char.native,
    wcharSet: OWN_CODE_SETS.wchar.native,
    context,
  });
  return {
    iorAt,
    iorOf,
    componentsOf,
    encode: (minor, any, withType) =>
      encapsulate((out) => {
        if (withType) writeAny(out, any);
        else writeValue(out, any.type, any.value);
      }, options(minor)),
    decode: (minor, octets, type) =>
      decapsulate(octets, (input) => whole(input, type), options(minor)),
  };
}

function iorAt(typeId: string, places: readonly Endpoint[], objectKey: Uint8Array): Ior {
  const common = [orbTypeComponent(ORB_TYPE.orbweaver), codeSetsComponent(OWN_CODE_SETS)];
  const profiles = places.map(({ host, port }, i) => {
    const others = [...places.slice(i + 1), ...places.slice(0, i)];
    const components = [...common, ...others.map(alternateAddressComponent)];
    return writeIiopProfile({ minor: IIOP_MINOR, host, port, objectKey, components });
  });
  return { typeId, profiles };
}

function iorOf(reference: unknown): Ior {
  if (reference instanceof ObjectReference) return reference._core.ior;
  throw new BAD_PARAM(`an object reference is needed, not ${typeof reference}`);
}

function componentsOf({ tag, data }: TaggedProfile): readonly TaggedComponent[] {
  if (tag === PROFILE_TAG.internetIop) return readIiopProfile(data).components;
  return tag === PROFILE_TAG.multipleComponents ? decapsulate(data, readComponents) : [];
}

/** Octets that are left over were of another type. */
function whole(input: CdrInput, type: TypeCode | undefined): Any {
  const any = type === undefined ? readAny(input) : new Any(type, readValue(input, type));
  if (input.remaining === 0) return any;
  const text = `${input.remaining} octets are left over`;
  throw new MARSHAL(text, MINOR.none);
}
