import { hostname } from "node:os";
import { BAD_PARAM, Completion, MINOR } from "../exception/index.ts";
import { unixAddressComponent } from "./components/unix-address.ts";
import { escapeOctets, unescapeOctets } from "./escape.ts";
import { writeIiopProfile } from "./iiop-profile.ts";
import type { Ior } from "./ior.ts";
import { afterScheme, badReference } from "./reference-text.ts";

const OMNIUNIX = "omniunix:";

/** The port of an address that names none. */
export const CORBALOC_PORT = 2809;

export type CorbalocAddress =
  | {
      readonly protocol: "iiop";
      readonly minor: number;
      /** Without the brackets of an IPv6 address. */
      readonly host: string;
      readonly port: number;
    }
  /** A UNIX-domain socket of this machine, as omniORB writes it. */
  | { readonly protocol: "omniunix"; readonly path: string }
  | { readonly protocol: "rir" };

/** An object by its addresses and key (CORBA 3.3 Part 2, 7.6.10). */
export interface Corbaloc {
  /** At least one; `rir` stands alone. */
  readonly addresses: readonly CorbalocAddress[];
  /** Unescaped; empty when the text has none. For `rir`: the id of an initial reference. */
  readonly key: Uint8Array;
}

/** The part of `text` between two indices, for errors that name the character. */
interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function parsePort({ text, start, end }: Span): number {
  const digits = text.slice(start, end);
  const port = /^[0-9]{1,5}$/u.test(digits) ? Number(digits) : 0;
  if (port >= 1 && port <= 0xffff) return port;
  throw badReference(
    text,
    start,
    `${JSON.stringify(digits)} is no port; allowed are 1 to 65535`,
    MINOR.badAddress,
  );
}

function parseVersion({ text, start, end }: Span): number {
  const version = text.slice(start, end);
  const minor = /^1\.([0-9]{1,3})$/u.exec(version)?.[1];
  if (minor !== undefined && Number(minor) <= 0xff) return Number(minor);
  throw badReference(
    text,
    start,
    `${JSON.stringify(version)} is no IIOP version; allowed is "1." and a minor version up to 255, as in 1.2`,
    MINOR.badAddress,
  );
}

function parseHost({ text, start, end }: Span): { host: string; next: number } {
  if (text.charAt(start) === "[") {
    const close = text.indexOf("]", start);
    const host = text.slice(start + 1, close);
    if (close !== -1 && close < end && /^[0-9a-fA-F:.]+(%[a-zA-Z0-9._-]+)?$/u.test(host)) {
      // A zone follows the address as %25 and its name (RFC 6874).
      return { host: host.replace("%25", "%"), next: close + 1 };
    }
    throw badReference(text, start, "no IPv6 address in brackets", MINOR.badAddress);
  }
  const colon = text.indexOf(":", start);
  const next = colon === -1 || colon > end ? end : colon;
  const host = text.slice(start, next);
  if (/^[a-zA-Z0-9._-]+$/u.test(host)) return { host, next };
  throw badReference(
    text,
    start,
    `${JSON.stringify(host)} is no host name; allowed are letters, digits, ".", "-", "_", or an IPv6 address in brackets`,
    MINOR.badAddress,
  );
}

function parseIiopAddress({ text, start, end }: Span): CorbalocAddress {
  const sign = text.indexOf("@", start);
  const versioned = sign !== -1 && sign < end;
  const minor = versioned ? parseVersion({ text, start, end: sign }) : 0;
  const { host, next } = parseHost({ text, start: versioned ? sign + 1 : start, end });
  if (next < end && text.charAt(next) !== ":") {
    throw badReference(text, next, 'only ":" and a port may follow the host', MINOR.badAddress);
  }
  const port = next < end ? parsePort({ text, start: next + 1, end }) : CORBALOC_PORT;
  return { protocol: "iiop", minor, host, port };
}

function parseAddress({ text, start, end }: Span): CorbalocAddress {
  const colon = text.indexOf(":", start);
  const protocol = colon === -1 || colon >= end ? "" : text.slice(start, colon).toLowerCase();
  if (colon !== -1 && colon < end) {
    if (protocol === "" || protocol === "iiop") {
      return parseIiopAddress({ text, start: colon + 1, end });
    }
    if (protocol === "rir" && colon + 1 === end) return { protocol };
    if (protocol === "omniunix" && end > colon + 2 && text.charAt(end - 1) === ":") {
      return { protocol, path: text.slice(colon + 1, end - 1) };
    }
  }
  throw badReference(
    text,
    start,
    `${JSON.stringify(text.slice(start, end))} is no address; allowed are "iiop:" or ":" with [version@]host[:port], "omniunix:" with path:, and "rir:"`,
    MINOR.badAddress,
  );
}

/** Where an address ends: at a comma or slash; one of a socket, whose path has slashes, behind the colon that ends the path. */
function addressEndOf({ text, start, end }: Span): number {
  const isSocket = /^omniunix:/iu.test(text.slice(start, end));
  const found = isSocket
    ? text.indexOf(":", start + OMNIUNIX.length) + 1
    : text.slice(start, end).search(/[,/]/u) + start;
  if (found > end || found < start || (isSocket && found === 0)) return end;
  if (!isSocket || found === end || /[,/]/u.test(text.charAt(found))) return found;
  throw badReference(text, found, 'only "," or "/" may follow the path', MINOR.badAddress);
}

/**
 * The addresses and the key that stand between two indices of a text.
 * @throws BAD_PARAM as {@link parseCorbaloc}
 */
export function parseAddressesAndKey({ text, start, end }: Span): Corbaloc {
  const addresses: CorbalocAddress[] = [];
  let listEnd = start - 1;
  do {
    const at = listEnd + 1;
    listEnd = addressEndOf({ text, start: at, end });
    addresses.push(parseAddress({ text, start: at, end: listEnd }));
  } while (listEnd < end && text.charAt(listEnd) === ",");
  if (addresses.length > 1 && addresses.some(({ protocol }) => protocol === "rir")) {
    throw badReference(text, start, '"rir:" must be the only address', MINOR.badAddress);
  }
  const key = listEnd < end ? unescapeOctets(text, listEnd + 1, end) : new Uint8Array(0);
  return { addresses, key };
}

/**
 * Reads `corbaloc:ADDRESS[,ADDRESS…][/KEY]`. An address without version means IIOP 1.0, without port
 * 2809.
 * @throws BAD_PARAM naming the character at fault (OMG 7 scheme, 8 address, 9 key)
 */
export function parseCorbaloc(text: string): Corbaloc {
  return parseAddressesAndKey({ text, start: afterScheme(text, "corbaloc:"), end: text.length });
}

function addressToString(address: CorbalocAddress): string {
  if (address.protocol === "rir") return "rir:";
  if (address.protocol === "omniunix") return `omniunix:${address.path}:`;
  const host = address.host.includes(":") ? `[${address.host.replace("%", "%25")}]` : address.host;
  return `iiop:1.${address.minor}@${host}:${address.port}`;
}

/** The text of which {@link parseCorbaloc} makes the same. */
export function corbalocToString({ addresses, key }: Corbaloc): string {
  const path = key.length > 0 ? `/${escapeOctets(key)}` : "";
  return `corbaloc:${addresses.map(addressToString).join(",")}${path}`;
}

/**
 * The reference a corbaloc stands for: no type, one profile per address, no components but the path of a socket.
 * @throws BAD_PARAM (OMG 8) for `rir:`, which names no address but an initial reference
 */
export function corbalocToIor({ addresses, key }: Corbaloc): Ior {
  const profiles = addresses.map((address) => {
    if (address.protocol === "rir") {
      throw new BAD_PARAM(
        'corbaloc "rir:" has no address; it is resolved among the initial references',
        MINOR.badAddress,
        Completion.no,
      );
    }
    if (address.protocol === "omniunix") {
      // Of this machine: a socket is of no use to another.
      const machine = hostname();
      const components = [unixAddressComponent({ host: machine, path: address.path })];
      return writeIiopProfile({ minor: 2, host: machine, port: 0, objectKey: key, components });
    }
    const { minor, host, port } = address;
    return writeIiopProfile({ minor, host, port, objectKey: key, components: [] });
  });
  return { typeId: "", profiles };
}
