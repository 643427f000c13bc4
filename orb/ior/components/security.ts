import { type CdrInput, decapsulate } from "../../cdr/index.ts";
import { COMPONENT_TAG } from "../component.ts";
import { componentTagName } from "../names.ts";
import { encapsulated, octetSequence, type Plain, type PlainReader, sequenceOf } from "./plain.ts";

/** Bits of Security::AssociationOptions, lowest first. */
const OPTIONS = [
  "NoProtection",
  "Integrity",
  "Confidentiality",
  "DetectReplay",
  "DetectMisordering",
  "EstablishTrustInTarget",
  "EstablishTrustInClient",
  "NoDelegation",
  "SimpleDelegation",
  "CompositeDelegation",
  "IdentityAssertion",
  "DelegationByClient",
] as const;

/** Bits of CSI::IdentityTokenType, lowest first; 0 is "absent". */
const IDENTITIES = ["Anonymous", "PrincipalName", "X509CertChain", "DistinguishedName"] as const;

function bitNames(bits: number, names: readonly string[]): string {
  const set = names.filter((_, at) => (bits & (1 << at)) !== 0);
  const unnamed = bits & ~((1 << names.length) - 1);
  if (unnamed !== 0) set.push(`0x${(unnamed >>> 0).toString(16)}`);
  return set.length === 0 ? "none" : set.join(" ");
}

function readOptions(input: CdrInput): { supports: string; requires: string } {
  const supports = bitNames(input.ushort(), OPTIONS);
  return { supports, requires: bitNames(input.ushort(), OPTIONS) };
}

function readAddresses(input: CdrInput): Plain {
  return sequenceOf(input, 7, () => {
    const host = input.string();
    return { host, port: input.ushort() };
  });
}

function readSsl(input: CdrInput): { supports: string; requires: string; port: number } {
  return { ...readOptions(input), port: input.ushort() };
}

/** TAG_SSL_SEC_TRANS (SSLIOP): the port for TLS beside the profile's own. */
export const sslContent: PlainReader = encapsulated(readSsl);

/** TAO_TAG_SSL_ENDPOINTS: one for each of the endpoints in TAO_TAG_ENDPOINTS. */
export const sslEndpointsContent: PlainReader = encapsulated((input) =>
  sequenceOf(input, 6, () => readSsl(input)),
);

/** TAG_ASSOCIATION_OPTIONS. */
export const associationOptionsContent: PlainReader = encapsulated(readOptions);

/** TAG_TLS_SEC_TRANS (CORBA 3.3 Part 2, 10.5.1.3). */
export const tlsContent: PlainReader = encapsulated((input) => {
  const options = readOptions(input);
  return { ...options, addresses: readAddresses(input) };
});

/** TAG_SECIOP_SEC_TRANS (CORBA 3.3 Part 2, 10.5.1.4). */
export const seciopContent: PlainReader = encapsulated((input) => {
  const options = readOptions(input);
  const mechanism = octetSequence(input);
  const target = octetSequence(input);
  return { ...options, mechanism, target, addresses: readAddresses(input) };
});

function transportContent(tag: number, data: Uint8Array): Plain {
  if (tag === COMPONENT_TAG.tlsSecTrans) return tlsContent(data);
  return tag === COMPONENT_TAG.seciopSecTrans ? seciopContent(data) : data;
}

function readMechanism(input: CdrInput): Plain {
  const requires = bitNames(input.ushort(), OPTIONS);
  const tag = input.ulong();
  const transport = {
    tag: componentTagName(tag),
    content: transportContent(tag, octetSequence(input)),
  };
  const authentication = {
    ...readOptions(input),
    mechanism: octetSequence(input),
    target: octetSequence(input),
  };
  const attributes = {
    ...readOptions(input),
    authorities: sequenceOf(input, 8, () => {
      const syntax = input.ulong();
      return { syntax, name: octetSequence(input) };
    }),
    naming: sequenceOf(input, 4, () => octetSequence(input)),
    identities: bitNames(input.ulong(), IDENTITIES),
  };
  return { requires, transport, authentication, attributes };
}

/** TAG_CSI_SEC_MECH_LIST (CORBA 3.3 Part 2, 10.5.1.5). */
export const csiContent: PlainReader = (data) =>
  decapsulate(data, (input) => {
    const stateful = input.boolean();
    return { stateful, mechanisms: sequenceOf(input, 38, () => readMechanism(input)) };
  });
