import type {
  ComponentDescription,
  IiopDescription,
  IorDescription,
  KeyDescription,
  ProfileDescription,
} from "../../orb/index.ts";
import { hexOf, plainLines, printable } from "./plain-text.ts";

const INDENT = "    ";

function keyMaker({ maker, lifespan, adapters }: KeyDescription): string {
  const poa = adapters === undefined ? "" : `, POA ${["", ...adapters].join("/") || "/"}`;
  return `key made by ${maker}${lifespan === undefined ? "" : `, ${lifespan}`}${poa}`;
}

function iiopLines({ minor, host, port, objectKey, key }: IiopDescription): string[] {
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return [
    `  IIOP 1.${minor} at ${address}`,
    `  object key, ${objectKey.length} octets: ${hexOf(objectKey)}`,
    `${INDENT}as text: ${printable(objectKey)}`,
    ...(key === undefined ? [] : [INDENT + keyMaker(key)]),
  ];
}

function componentLines({ tag, name, data, content, problem }: ComponentDescription): string[] {
  const title = `  ${name} (${tag})`;
  if (content !== undefined) {
    const lines = plainLines(content, INDENT);
    return lines.length === 1 ? [`${title}: ${lines[0]?.trim()}`] : [title, ...lines];
  }
  const why = problem === undefined ? "" : `, unreadable: ${problem}`;
  return [`${title}: ${data.length} octets ${hexOf(data)}${why}`];
}

function profileLines(profile: ProfileDescription, at: number, count: number): string[] {
  const { tag, name, data, iiop, components, problem } = profile;
  const isOpaque = iiop === undefined && components.length === 0;
  return [
    `profile ${at + 1} of ${count}: ${name} (${tag})`,
    ...(problem === undefined ? [] : [`  unreadable: ${problem}`]),
    ...(iiop === undefined ? [] : iiopLines(iiop)),
    ...components.flatMap(componentLines),
    ...(isOpaque ? [`  ${data.length} octets ${hexOf(data)}`] : []),
  ];
}

/** A reference as lines for people. */
export function iorLines({ typeId, profiles }: IorDescription): string[] {
  const type = typeId === "" ? "not told by the reference" : typeId;
  if (profiles.length === 0) return ["nil: a reference to no object"];
  return [
    `type ${type}`,
    ...profiles.flatMap((profile, at) => profileLines(profile, at, profiles.length)),
  ];
}
