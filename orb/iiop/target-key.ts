import { Completion, INV_OBJREF } from "../exception/index.ts";
import type { Target } from "../giop/index.ts";
import { PROFILE_TAG, readIiopProfile, type TaggedProfile } from "../ior/index.ts";

function keyOfProfile(profile: TaggedProfile | undefined): Uint8Array {
  if (profile?.tag !== PROFILE_TAG.internetIop) {
    throw new INV_OBJREF(
      "the request is addressed by a profile that is not IIOP",
      0,
      Completion.no,
    );
  }
  return readIiopProfile(profile.data).objectKey;
}

/** The object key of a request, however it is addressed. @throws INV_OBJREF, MARSHAL */
export function objectKeyOf(target: Target): Uint8Array {
  switch (target.by) {
    case "key":
      return target.objectKey;
    case "profile":
      return keyOfProfile(target.profile);
    case "reference":
      return keyOfProfile(target.ior.profiles[target.selectedProfile]);
  }
}
