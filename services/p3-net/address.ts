/** Where a peer's three services listen. */
export interface PeerPlace {
  /** An IP address, or of a seed a name, too. */
  readonly host: string;
  readonly membership: number;
  /** Absent of a seed: it is asked for its membership alone, and tells the rest itself. */
  readonly discovery?: number;
  readonly faultTolerance?: number;
}

export type ServiceName = "membership" | "discovery" | "faultTolerance";

const FORM = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})(?:,(\d{1,5}),(\d{1,5}))?$/;
const LARGEST_PORT = 0xffff;

/** `HOST:PORT,PORT,PORT`, or `HOST:PORT` of a seed; IPv6 in brackets. Undefined for anything else. */
export function parsePlace(text: string): PeerPlace | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain, ...digits] = match;
  const host = bracketed ?? plain ?? "";
  if (bracketed !== undefined && !bracketed.includes(":")) return undefined;
  const [membership = 0, discovery = 0, faultTolerance = 0] = digits
    .filter((text): text is string => text !== undefined)
    .map(Number);
  const ports = [membership, discovery, faultTolerance];
  if (ports.some((port) => port > LARGEST_PORT) || membership === 0) return undefined;
  if (discovery === 0 || faultTolerance === 0) return { host, membership };
  return { host, membership, discovery, faultTolerance };
}

/** `HOST:PORT`, IPv6 in brackets. */
export function printEndpoint(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export function printPlace({ host, membership, discovery, faultTolerance }: PeerPlace): string {
  const first = printEndpoint(host, membership);
  return discovery === undefined ? first : `${first},${discovery},${faultTolerance ?? 0}`;
}

/** An address as another socket would print it: `::ffff:1.2.3.4` is `1.2.3.4`. */
export function plainHost(host: string): string {
  return host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}
