import { describeReference, type IorDescription } from "../../orb/index.ts";
import { type Network, systemNetwork } from "./network.ts";
import { type AddressProbe, probeAddress } from "./probe-address.ts";
import { targetsOf } from "./targets.ts";

export interface ProbeOptions {
  /** Milliseconds for each connection, each look-up and each answer; 3,000 when left out. */
  readonly timeoutMs?: number;
  /** Aborted: the probe is given up. */
  readonly signal?: AbortSignal;
  readonly network?: Network;
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
  const targets = targetsOf(description).slice(0, MAX_ADDRESSES);
  const addresses = await Promise.all(
    targets.map((target) => probeAddress(target, network, limits)),
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
