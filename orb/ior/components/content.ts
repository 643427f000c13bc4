import { type CdrInput, decapsulate } from "../../cdr/index.ts";
import { COMPONENT_TAG } from "../component.ts";
import { codeSetName, hexNumber, orbTypeName } from "../names.ts";
import { readAlternateAddressComponent } from "./alternate-address.ts";
import { readCodeSetsComponent } from "./code-sets.ts";
import { booleanContent, groupContent } from "./fault-tolerance.ts";
import { readOrbTypeComponent } from "./orb-type.ts";
import { encapsulated, nameOf, type Plain, type PlainReader } from "./plain.ts";
import { policiesContent, taoEndpointsContent } from "./policies.ts";
import {
  associationOptionsContent,
  csiContent,
  seciopContent,
  sslContent,
  sslEndpointsContent,
  tlsContent,
} from "./security.ts";

const INVOCATION_POLICIES = ["EITHER", "SHARED", "UNSHARED"] as const;
const OTS_POLICIES = ["none", "REQUIRES", "FORBIDS", "ADAPTS"] as const;

function codeSet(id: number): string {
  return id === 0 ? "none" : `${codeSetName(id)} (${hexNumber(id)})`;
}

function codeSetsContent(data: Uint8Array): Plain {
  const { char, wchar } = readCodeSetsComponent(data);
  return {
    char: { native: codeSet(char.native), conversions: char.conversions.map(codeSet) },
    wchar: { native: codeSet(wchar.native), conversions: wchar.conversions.map(codeSet) },
  };
}

function orbTypeContent(data: Uint8Array): Plain {
  const type = readOrbTypeComponent(data);
  return { orb: orbTypeName(type), type: hexNumber(type) };
}

function alternateAddressContent(data: Uint8Array): Plain {
  const { host, port } = readAlternateAddressComponent(data);
  return { host, port };
}

function readPositions(input: CdrInput): Plain {
  const begin = input.ushort();
  return { begin, end: input.ushort() };
}

function readUnixTransport(input: CdrInput): Plain {
  const host = input.string();
  return { host, path: input.string() };
}

/** omniORB writes these as bare text. */
function latin1(data: Uint8Array): Plain {
  return Buffer.from(data).toString("latin1").replace(/\0+$/, "");
}

const READERS: ReadonlyMap<number, PlainReader> = new Map<number, PlainReader>([
  [COMPONENT_TAG.orbType, orbTypeContent],
  [COMPONENT_TAG.codeSets, codeSetsContent],
  [COMPONENT_TAG.policies, policiesContent],
  [COMPONENT_TAG.alternateIiopAddress, alternateAddressContent],
  [COMPONENT_TAG.endpointIdPosition, encapsulated(readPositions)],
  [COMPONENT_TAG.associationOptions, associationOptionsContent],
  [COMPONENT_TAG.sslSecTrans, sslContent],
  [COMPONENT_TAG.javaCodebase, encapsulated((input) => input.string())],
  [COMPONENT_TAG.transactionPolicy, encapsulated((input) => input.ushort())],
  [COMPONENT_TAG.ftGroup, groupContent],
  [COMPONENT_TAG.ftPrimary, booleanContent],
  [COMPONENT_TAG.ftHeartbeatEnabled, booleanContent],
  [COMPONENT_TAG.otsPolicy, encapsulated((input) => nameOf(input, input.ushort(), OTS_POLICIES))],
  [
    COMPONENT_TAG.invocationPolicy,
    encapsulated((input) => nameOf(input, input.ushort(), INVOCATION_POLICIES)),
  ],
  [COMPONENT_TAG.csiSecMechList, csiContent],
  [COMPONENT_TAG.seciopSecTrans, seciopContent],
  [COMPONENT_TAG.tlsSecTrans, tlsContent],
  [COMPONENT_TAG.activityPolicy, encapsulated((input) => input.ushort())],
  [COMPONENT_TAG.rmiCustomMaxStreamFormat, encapsulated((input) => input.octet())],
  [COMPONENT_TAG.group, groupContent],
  [COMPONENT_TAG.omniOrbBidirectional, latin1],
  [COMPONENT_TAG.omniOrbUnixTransport, (data) => decapsulate(data, readUnixTransport)],
  [COMPONENT_TAG.taoSslEndpoints, sslEndpointsContent],
  [COMPONENT_TAG.taoEndpoints, taoEndpointsContent],
]);

/**
 * What the data of a component says; undefined for a tag of which the form is not known.
 * @throws MARSHAL when octets are missing or mean nothing
 */
export function componentContent(tag: number, data: Uint8Array): Plain | undefined {
  return READERS.get(tag)?.(data);
}
