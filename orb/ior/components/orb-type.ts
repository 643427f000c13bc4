import { decapsulate, encapsulate } from "../../cdr/index.ts";
import { COMPONENT_TAG, type TaggedComponent } from "../component.ts";

/** Who wrote a reference. Ours spells "ORBW" and is not registered with the OMG. */
export const ORB_TYPE = {
  orbweaver: 0x4f52_4257,
  tao: 0x5441_4f00,
  omniOrb: 0x4154_5400,
  jacOrb: 0x4a41_4300,
} as const;

export function orbTypeComponent(orbType: number): TaggedComponent {
  return { tag: COMPONENT_TAG.orbType, data: encapsulate((out) => out.ulong(orbType)) };
}

/** @throws MARSHAL when octets are missing */
export function readOrbTypeComponent(data: Uint8Array): number {
  return decapsulate(data, (input) => input.ulong());
}
