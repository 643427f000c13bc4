import { NameFault, nameFromString } from "../bindings/index.ts";

/** Octets that a URL carries as they are, beside letters and digits (CORBA 3.3 Part 2, 7.6.10.1). */
const PLAIN = /^[A-Za-z0-9;/:?@&=+$,\-_.!~*'()]$/;

function escapeUrl(text: string): string {
  let url = "";
  for (const octet of Buffer.from(text, "utf8")) {
    const character = String.fromCharCode(octet);
    url += PLAIN.test(character) ? character : `%${octet.toString(16).padStart(2, "0")}`;
  }
  return url;
}

/** `[iiop]:[M.m@]host[:port]` and the same of `ssliop`; a host in brackets is IPv6. */
const ENDPOINT =
  /^(?:iiop|ssliop)?:(?:\d{1,3}\.\d{1,3}@)?(?:\[[0-9A-Fa-f:.%]+\]|[^\s:#,@[\]]*)(?::(\d{1,5}))?$/i;

function isEndpoint(text: string): boolean {
  const match = ENDPOINT.exec(text);
  return match !== null && Number(match[1] ?? 0) <= 0xffff;
}

function checkAddress(address: string): void {
  const slash = address.indexOf("/");
  const endpoints = slash < 0 ? address : address.slice(0, slash);
  const key = slash < 0 ? "" : address.slice(slash);
  const known =
    endpoints.toLowerCase() === "rir:" ||
    (endpoints !== "" && endpoints.split(",").every(isEndpoint));
  if (known && !/[#\s]/.test(key)) return;
  throw new NameFault(
    { kind: "InvalidAddress" },
    `"${address}" is no address of a corbaname URL; write "rir:" or a list of ` +
      `"[iiop]:[M.m@]host[:port]" separated by ",", then "/key" if it is not NameService`,
  );
}

/**
 * `corbaname:` URL of a name at an address; an empty name denotes the context itself.
 * @param address what follows `corbaname:`, e.g. `:host:2809/NameService` or `rir:`
 * @param stringName the text of a name, see nameToString
 * @throws NameFault InvalidAddress, InvalidName (Naming Service 1.3, 2.5.3.3)
 */
export function nameToUrl(address: string, stringName: string): string {
  checkAddress(address);
  if (stringName === "") return `corbaname:${address}`;
  nameFromString(stringName);
  return `corbaname:${address}#${escapeUrl(stringName)}`;
}
