import test from "ava";
import { type CodeSetComponent, decapsulate } from "../../../orb/cdr/index.ts";
import {
  COMPONENT_TAG,
  iiopProfilesOf,
  iorFromString,
  iorToString,
  readCodeSetsComponent,
  readOrbTypeComponent,
  type TaggedComponent,
} from "../../../orb/ior/index.ts";
import { readIors } from "../../support/vectors.ts";

// References of TAO and omniORB, told in the words of TAO's catior and compared with what it told.

const CODE_SET_NAMES: Readonly<Record<number, string>> = {
  0x0001_0001: "ISO8859_1",
  0x0501_0001: "UTF-8",
  0x0001_0109: "UTF-16",
};

const TAG_NAMES: Readonly<Record<number, string>> = {
  [COMPONENT_TAG.orbType]: "TAG_ORB_TYPE",
  [COMPONENT_TAG.codeSets]: "TAG_CODE_SETS",
  [COMPONENT_TAG.policies]: "TAG_POLICIES",
  [COMPONENT_TAG.taoEndpoints]: "TAO_TAG_ENDPOINTS",
};

const hex = (n: number): string => n.toString(16);
const orderName = (octets: Uint8Array): string =>
  octets[0] === 1 ? "Little Endian" : "Big Endian";
const codeSet = (id: number): string => `Hex - ${hex(id)} Description - ${CODE_SET_NAMES[id]}`;

function tellCodeSets(kind: string, { native, conversions }: CodeSetComponent): string[] {
  return [
    `Native CodeSet for ${kind}: ${codeSet(native)}`,
    `Number of CCS for ${kind} ${conversions.length}`,
    ...(conversions.length === 0 ? [] : [`Conversion Codesets for ${kind} are:`]),
    ...conversions.map((id, i) => `${i + 1}) ${codeSet(id)}`),
  ];
}

function tellComponent({ tag, data }: TaggedComponent, index: number): string[] {
  const title = `The component <${index + 1}> ID is ${tag}${tag} (${TAG_NAMES[tag]})`;
  switch (tag) {
    case COMPONENT_TAG.orbType: {
      const orb = readOrbTypeComponent(data);
      return [title, `ORB Type: 0x${hex(orb)}${orb === 0x5441_4f00 ? " (TAO)" : ""}`];
    }
    case COMPONENT_TAG.codeSets: {
      const { char, wchar } = readCodeSetsComponent(data);
      return [
        title,
        `Component length: ${data.length}`,
        `Component byte order: ${orderName(data)}`,
        ...tellCodeSets("char", char),
        ...tellCodeSets("wchar", wchar),
      ];
    }
    case COMPONENT_TAG.taoEndpoints:
      return [title, ...tellTaoEndpoints(data)];
    case COMPONENT_TAG.policies:
      return [title, ...tellPolicies(data)];
    default:
      return [title];
  }
}

function tellTaoEndpoints(data: Uint8Array): string[] {
  return decapsulate(data, (input) =>
    Array.from({ length: input.sequenceLength(8) }, (_, i) => [
      `Endpoint #${i + 1}:`,
      `Host: ${input.string()}`,
      `Port: ${input.ushort()}`,
      `Priority: ${input.short()}`,
    ]).flat(),
  );
}

function tellPolicies(data: Uint8Array): string[] {
  return decapsulate(data, (input) => {
    const count = input.sequenceLength(8);
    const told = [`Number of policies: ${count}`];
    for (let i = 1; i <= count; i++) {
      const type = input.ulong();
      const value = input.octetSequence();
      if (type === 40) {
        told.push(`Policy #${i} Type: 40 (PRIORITY_MODEL_POLICY_TYPE)`);
        decapsulate(value, (policy) => {
          const model = policy.ulong();
          const name = ["CLIENT_PROPAGATED", "SERVER_DECLARED"][model];
          told.push(`Priority Model: ${model} (${name})`, `Priority: ${policy.short()}`);
        });
      } else {
        told.push(`Policy #${i} Type: ${type} (PRIORITY_BANDED_CONNECTION_POLICY_TYPE)`);
      }
    }
    return told;
  });
}

function tell(text: string): string[] {
  const ior = iorFromString(text);
  const told = [
    `The Byte Order: ${orderName(Buffer.from(text.slice(4, 6), "hex"))}`,
    `The Type Id: "${ior.typeId}"`,
    `Number of Profiles in IOR: ${ior.profiles.length}`,
  ];
  for (const [i, profile] of iiopProfilesOf(ior).entries()) {
    const key = Buffer.from(profile.objectKey);
    told.push(
      `Profile number: ${i + 1}`,
      `IIOP Version: 1.${profile.minor}`,
      `Host Name: ${profile.host}`,
      `Port Number: ${profile.port}`,
      `Object Key len: ${key.length}`,
      "Object Key as hex:",
      ...(key.toString("hex").match(/.{1,32}/gu) ?? []),
      "The Object Key as string:",
      key.toString("latin1").replaceAll(/[^\x20-\x7e]/gu, "."),
      ...profile.components.flatMap(tellComponent),
    );
  }
  return told;
}

function lines(decoded: string): string[] {
  return decoded
    .slice(decoded.indexOf("The Byte Order"), decoded.indexOf("catior returned"))
    .split("\n")
    .map((line) => line.trim().replaceAll(/\s+/gu, " "))
    .map((line) => (/^([0-9a-f]{2} ?)+$/u.test(line) ? line.replaceAll(" ", "") : line))
    .filter((line) => line !== "");
}

for (const { name, text, decoded } of readIors()) {
  test(`${name}.ior says what catior says it says`, (t) => {
    t.deepEqual(tell(text.trim()), lines(decoded));
  });

  test(`${name}.ior is written as it was read`, (t) => {
    t.deepEqual(iorFromString(iorToString(iorFromString(text))), iorFromString(text));
  });
}
