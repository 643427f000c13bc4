import { Deferred } from "../../orb/base/index.ts";
import type { ProbeLimits } from "../../orb/index.ts";
import { Conversation, type Talk } from "./conversation.ts";
import { type Finding, finding } from "./finding.ts";
import { familyOf, hostKind, hostPort, isAddress } from "./host.ts";
import type { Network } from "./network.ts";
import type { ProbeTarget } from "./targets.ts";

/** Addresses of one name that are tried. */
const MAX_ADDRESSES = 4;
/** Of a system that has no way to an address. */
const NO_WAY: ReadonlySet<string> = new Set([
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "ENETDOWN",
]);

/** What was found at one address of a reference. */
export interface AddressProbe {
  readonly host: string;
  readonly port: number;
  /** A UNIX-domain socket of the machine `host`; the port means nothing then. */
  readonly path?: string;
  /** The WebSocket that was entered to get there. */
  readonly url?: string;
  /** Where in the reference it stands. */
  readonly from: string;
  /** What was done and what came of it, line by line. */
  readonly steps: readonly string[];
  readonly finding: Finding;
  /** What else a person should know. */
  readonly notes: readonly Finding[];
  /** `IOR:…` to which the server sends its clients. */
  readonly forwardedTo: string | undefined;
}

type Failure = Extract<Talk, { isConnected: false }>;

interface Tried {
  readonly address: string;
  readonly talk: Talk;
}

async function resolve(
  { host }: ProbeTarget,
  network: Network,
  { connectMs, signal }: ProbeLimits,
): Promise<readonly string[] | Finding> {
  if (isAddress(host)) return [host];
  // The system's resolver cannot be interrupted; its late answer is dropped.
  const late = new Deferred<never>();
  late.promise.catch(() => undefined);
  const giveUp = (): void => late.reject(new Error("given up"));
  const timer = setTimeout(giveUp, connectMs);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const found = await Promise.race([network.lookup(host), late.promise]);
    if (found.length > 0) return found.slice(0, MAX_ADDRESSES);
    return finding("nameNotFound", `The name ${host} has no address here.`);
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const isKnown = code === "ENOTFOUND" || code === "ENODATA";
    return finding(
      "nameNotFound",
      isKnown
        ? `The name ${host} is not known here (${code}).`
        : `The name ${host} could not be looked up here: the name service does not answer.`,
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

/** Nobody was connected to at any address of the host. */
function judgeFailures(
  { host, port }: ProbeTarget,
  tried: readonly { readonly address: string; readonly talk: Failure }[],
  network: Network,
): Finding {
  const at = hostPort(host, port);
  const [first = { address: host, talk: { isConnected: false, code: "", text: "" } }] = tried;
  const isIpv6 = tried.every(({ address }) => familyOf(address) === 6);
  const hasNoWay = tried.every(({ talk }) => NO_WAY.has(talk.code));
  const isHere = hostKind(host) === "loopback";
  if (isIpv6 && !isHere && (hasNoWay || !network.hasIpv6())) {
    return finding(
      "ipv6Only",
      `${host} is reached by IPv6 only, and this machine has no way there.`,
    );
  }
  if (isHere) {
    return finding(
      "loopback",
      `The reference says ${host}, which on every machine means that machine itself, and nothing listens at port ${port} of this one: the server runs on another machine, or is not started here.`,
    );
  }
  const refused = tried.find(({ talk }) => talk.code === "ECONNREFUSED");
  if (refused !== undefined) {
    return finding(
      "closedPort",
      `The machine ${host} answers, but nothing listens at its port ${port}.`,
    );
  }
  if (tried.some(({ talk }) => talk.code === "ETIMEDOUT")) {
    return finding("blackHole", `Nothing at all comes back from ${at}.`);
  }
  return finding("unreachable", `${at} cannot be connected to from here: ${first.talk.code}.`);
}

function isFailure(tried: Tried): tried is { address: string; talk: Failure } {
  return !tried.talk.isConnected;
}

/** What a person should know besides, from the address alone and from what failed before one answered. */
function notesOn(target: ProbeTarget, found: Finding, tried: readonly Tried[]): Finding[] {
  const { host, tls } = target;
  const kind = hostKind(host);
  const notes: Finding[] = [];
  const isReached = tried.some(({ talk }) => talk.isConnected);
  if (kind === "loopback" && found.code !== "loopback") {
    notes.push(
      finding(
        "loopback",
        `${host} means this machine: from every other one the reference leads elsewhere.`,
      ),
    );
  }
  if (kind === "private" && !isReached) {
    notes.push(finding("privateAddress", `${host} is an address of a private network.`));
  }
  const last = tried.at(-1);
  if (isReached && last !== undefined && familyOf(last.address) === 6 && tried.length > 1) {
    const failed = tried.slice(0, -1).map(({ address }) => address);
    notes.push(
      finding(
        "ipv6Only",
        `The server answers at ${last.address} only, not at ${failed.join(", ")}.`,
      ),
    );
  }
  const names = tls.map((address) => hostPort(address.host, address.port)).join(", ");
  if (names !== "" && !isReached && found.code !== "tlsOnly") {
    notes.push(finding("tlsOnly", `The reference names ports for TLS, too: ${names}.`));
  }
  return notes;
}

/** No plain port: is the one for TLS open? */
async function probeTls(
  target: ProbeTarget,
  network: Network,
  limits: ProbeLimits,
  step: (line: string) => void,
): Promise<Finding> {
  const { tls } = target;
  if (tls.length === 0) {
    return finding(
      "noPort",
      `The reference gives no port for ${target.host}, neither plain nor TLS.`,
    );
  }
  for (const { host, port } of tls) {
    const question = { ...target, host, port, ask: { by: "locate" } } as const;
    const { kind } = await network.ask(question, limits);
    const isOpen = kind !== "notConnected" && kind !== "connectTimeout";
    step(`${hostPort(host, port)} (TLS): ${isOpen ? "open" : "cannot be connected to"}`);
  }
  const names = tls.map(({ host, port }) => hostPort(host, port)).join(", ");
  return finding(
    "tlsOnly",
    `The object is reached by TLS only, at ${names}: there is no plain port.`,
  );
}

/**
 * Tries one address: the name, then a connection to each of its addresses until one is made, then the
 * object. What is wrong is told by the last of these that worked.
 */
export async function probeAddress(
  target: ProbeTarget,
  network: Network,
  limits: ProbeLimits,
): Promise<AddressProbe> {
  const { host, port, from } = target;
  const steps: string[] = [];
  const step = (line: string): void => void steps.push(line);
  const tried: Tried[] = [];
  const end = (found: Finding, forwardedTo?: string): AddressProbe => {
    const notes = notesOn(target, found, tried);
    return { host, port, from, steps, finding: found, notes, forwardedTo };
  };
  if (hostKind(host) === "wildcard") {
    return end(
      finding(
        "wildcard",
        `The reference says ${host === "" ? "no host" : host}: that is where a server listens (at every address it has), not an address to connect to.`,
      ),
    );
  }
  if (port === 0) return end(await probeTls(target, network, limits, step));
  const addresses = await resolve(target, network, limits);
  if ("code" in addresses) return end(addresses);
  if (!isAddress(host)) step(`${host} is ${addresses.join(", ")}`);
  for (const address of addresses) {
    const place = { host: address, port, text: hostPort(address, port) };
    const talk = await new Conversation(target, place, network, limits, step).run();
    tried.push({ address, talk });
    if (talk.isConnected) return end(talk.finding, talk.forwardedTo);
  }
  return end(judgeFailures(target, tried.filter(isFailure), network));
}
