import type { CdrInput, CdrOutput } from "../cdr/index.ts";
import { MINOR } from "../exception/index.ts";

/** Numbers of tagged components by name (IOP::ComponentId and those of ORBs met in the field). */
export const COMPONENT_TAG = {
  orbType: 0,
  codeSets: 1,
  policies: 2,
  alternateIiopAddress: 3,
  completeObjectKey: 5,
  endpointIdPosition: 6,
  locationPolicy: 12,
  associationOptions: 13,
  securityName: 14,
  sslSecTrans: 20,
  genericSecMech: 22,
  firewallTrans: 23,
  javaCodebase: 25,
  transactionPolicy: 26,
  ftGroup: 27,
  ftPrimary: 28,
  ftHeartbeatEnabled: 29,
  messageRouters: 30,
  otsPolicy: 31,
  invocationPolicy: 32,
  csiSecMechList: 33,
  nullTag: 34,
  seciopSecTrans: 35,
  tlsSecTrans: 36,
  activityPolicy: 37,
  rmiCustomMaxStreamFormat: 38,
  group: 39,
  groupIiop: 40,
  omniOrbBidirectional: 0x4154_5401,
  omniOrbUnixTransport: 0x4154_5402,
  omniOrbPersistentId: 0x4154_5403,
  omniOrbRestrictedConnection: 0x4154_5404,
  taoSslEndpoints: 0x5441_4f01,
  taoEndpoints: 0x5441_4f02,
} as const;

/** Far more than is published; bounds what a count that lies may cost. */
const MAX_COMPONENTS = 1024;

/** One fact about a profile. `data` is kept octet for octet; most are encapsulations. */
export interface TaggedComponent {
  readonly tag: number;
  readonly data: Uint8Array;
}

export function writeComponents(out: CdrOutput, components: readonly TaggedComponent[]): void {
  out.ulong(components.length);
  for (const { tag, data } of components) out.ulong(tag).octetSequence(data);
}

/** The data of each component is a view of the octets read. */
export function readComponents(input: CdrInput): TaggedComponent[] {
  // A component takes at least its tag and the length of its data.
  const count = input.sequenceLength(8);
  if (count > MAX_COMPONENTS) {
    const text = `a profile of ${count} components; at most ${MAX_COMPONENTS} are allowed`;
    throw input.fault(text, MINOR.sequenceTooLong);
  }
  const components: TaggedComponent[] = [];
  for (let i = 0; i < count; i++) {
    const tag = input.ulong();
    components.push({ tag, data: input.octets(input.sequenceLength(1)) });
  }
  return components;
}

/** The first component of the tag: all but a few tags may appear once. */
export function findComponent(
  components: readonly TaggedComponent[],
  tag: number,
): TaggedComponent | undefined {
  return components.find((component) => component.tag === tag);
}
