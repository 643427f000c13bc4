import { describeReference, type IorDescription } from "../../orb/index.ts";
import { type Network, systemNetwork } from "./network.ts";
import { type AddressProbe, probeAddress } from "./probe-address.ts";
import { probeSocket, probeThrough } from "./probe-socket.ts";
import { type ProbeTarget, targetsOf } from "./targets.ts";

export interface ProbeOptions {
  /** Milliseconds for each connection, each look-up and each answer; 3,000 when left out. */
  readonly timeoutMs?: number;
  /** Aborted: the probe is given up. */
  readonly signal?: AbortSignal;
  readonly network?: Network;
  /** `ws:` or `wss:`, to enter in place of the addresses that the reference names. */
  readonly webSocketUrl?: string;
}

/** What was found at the addresses of a reference. */
export interface ReferenceProbe {
  /** Whether the object answered at one of them. */
  readonly isReached: boolean;
  readonly addresses: readonly AddressProbe[];
  /** What was found where the server sends its clients. */
  readonly forwarded: ReferenceProbe | undefined;
}

const TIMEOUT_MS = 3_000;
const MAX_FORWARDS = 4;
/** A reference that names more has something else wrong with it. */
const MAX_ADDRESSES = 32;

async function probe(
  description: IorDescription,
  options: ProbeOptions,
  forwards: number,
): Promise<ReferenceProbe> {
  const { timeoutMs = TIMEOUT_MS, signal = new AbortController().signal } = options;
  const { network = systemNetwork } = options;
  const limits = { connectMs: timeoutMs, answerMs: timeoutMs, signal };
  const { webSocketUrl: url } = options;
  const targets = targetsOf(description).slice(0, MAX_ADDRESSES);
  const probeOne = (target: ProbeTarget): Promise<AddressProbe> => {
    if (url !== undefined) return probeThrough(target, url, network, limits);
    const { path } = target;
    if (path !== undefined) return probeSocket(target, path, network, limits);
    return probeAddress(target, network, limits);
  };
  // Behind one entrance all addresses of an object are the same.
  const addresses = await Promise.all(
    (url === undefined ? targets : targets.slice(0, 1)).map(probeOne),
  );
  const to = addresses.find(({ forwardedTo }) => forwardedTo !== undefined)?.forwardedTo;
  const forwarded =
    to === undefined || forwards === 0
      ? undefined
      : await probe(describeReference(to), options, forwards - 1);
  const isReached =
    addresses.some(({ finding }) => finding.code === "reached") || forwarded?.isReached === true;
  return { isReached, addresses, forwarded };
}

/**
 * Tries every address of a reference, all at the same time, and says what is wrong with each: name, TCP,
 * GIOP version, object. Where a server sends its clients on, the reference it gives is tried, too.
 * @throws the signal's reason when it is aborted
 */
export function probeReference(
  description: IorDescription,
  options: ProbeOptions = {},
): Promise<ReferenceProbe> {
  return probe(description, options, MAX_FORWARDS);
}
