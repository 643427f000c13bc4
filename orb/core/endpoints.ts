import { BAD_PARAM } from "../exception/index.ts";
import { type Endpoint, MAX_PATH_OCTETS } from "../transport/index.ts";

/** Hosts that stand for every address of the machine, which no client can connect to. */
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

export function isWildcard(host: string): boolean {
  return WILDCARDS.has(host);
}

/** What an entry of `publish` says; fields in braces are filled from the endpoints listened on. */
export interface PublishTemplate {
  /** A name or address; or `{host}`, `{hosts}`, `{hostname}`. */
  readonly host: string;
  /** undefined stands for `{port}`. */
  readonly port: number | undefined;
}

const HOST_FIELDS: ReadonlySet<string> = new Set(["{host}", "{hosts}", "{hostname}"]);
const PUBLISH_FORM =
  "HOST:PORT, where HOST may be {host}, {hosts} or {hostname} and PORT {port}, e.g. metro1.example:{port}";

/** `HOST:PORT`, IPv6 in brackets. @throws BAD_PARAM */
function parseAddress(text: string, whole: string, what: string): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 0xffff) {
    throw new BAD_PARAM(
      `${what} "${whole}" is not understood; allowed: iiop://HOST:PORT, unix:///PATH`,
    );
  }
  const host = match[1] ?? match[2] ?? "";
  return { host: host === "" ? "0.0.0.0" : host, port };
}

/** `unix:///PATH`, `giop:unix:PATH` as omniORB writes it; undefined for another kind. @throws BAD_PARAM */
function parseSocket(text: string, what: string): Endpoint | undefined {
  const path = /^(?:giop:unix:|unix:\/\/(?=\/)|unix:(?=[^/]|\/[^/]))(.*)$/i.exec(text)?.[1];
  if (path === undefined) return undefined;
  const octets = Buffer.byteLength(path);
  if (octets === 0 || octets > MAX_PATH_OCTETS) {
    throw new BAD_PARAM(
      `${what} "${text}": its path has ${octets} octets; allowed: unix:///PATH of 1 to ${MAX_PATH_OCTETS}`,
    );
  }
  return { host: "", port: 0, path };
}

/**
 * `iiop://HOST:PORT`, `giop:tcp:HOST:PORT` as omniORB writes it, or `HOST:PORT`; `unix:///PATH` or
 * `giop:unix:PATH`. @throws BAD_PARAM
 */
export function parseEndpoint(text: string, what: string): Endpoint {
  const socket = parseSocket(text, what);
  if (socket !== undefined) return socket;
  const rest = text.replace(/^iiop:\/\/(?:1\.[0-2]@)?/i, "").replace(/^giop:tcp:/i, "");
  return parseAddress(rest.includes(":") && !rest.endsWith("]") ? rest : `${rest}:0`, text, what);
}

/** An address for references: `HOST:PORT`, with fields. @throws BAD_PARAM for one that nobody can connect to, too */
export function parsePublish(text: string): PublishTemplate {
  const match = /^(?:\[([^\]]+)\]|(\{[a-z]+\})|([^:[\]{}]+)):(?:(\d{1,5})|\{port\})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? match?.[3] ?? "";
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  const isField = match?.[2] !== undefined;
  if (match === null || (port ?? 0) > 0xffff || (isField && !HOST_FIELDS.has(host))) {
    throw new BAD_PARAM(`published address "${text}" is not understood; allowed: ${PUBLISH_FORM}`);
  }
  if (isWildcard(host) || port === 0) {
    throw new BAD_PARAM(
      `published address "${text}": nobody can connect to it; allowed: ${PUBLISH_FORM}`,
    );
  }
  return { host, port };
}
