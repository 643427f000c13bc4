/** What a host is by its text alone. */
export type HostKind = "wildcard" | "loopback" | "private" | "address" | "name";

const V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Whether the text is an IPv4 or IPv6 address and no name. */
export function isAddress(host: string): boolean {
  return V4.test(host) || host.includes(":");
}

/** 4 or 6. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

function kindOfV4(host: string): HostKind {
  const [a = 0, b = 0] = host.split(".").map(Number);
  if (a === 0) return "wildcard";
  if (a === 127) return "loopback";
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128);
  return isPrivate ? "private" : "address";
}

function kindOfV6(host: string): HostKind {
  const text = host.toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return kindOfV4(mapped);
  if (/^[0:]+$/.test(text)) return "wildcard";
  if (/^[0:]+:0*1$/.test(text)) return "loopback";
  return /^(?:f[cd]|fe[89ab])/.test(text) ? "private" : "address";
}

/** RFC 1918, 3927, 4193, 6598: addresses that mean something in their own network only are "private". */
export function hostKind(host: string): HostKind {
  if (host === "") return "wildcard";
  if (V4.test(host)) return kindOfV4(host);
  if (host.includes(":")) return kindOfV6(host);
  return /^localhost(?:\.|$)/i.test(host) ? "loopback" : "name";
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
