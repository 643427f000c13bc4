import { execFileSync } from "node:child_process";
import type { PeerProcess } from "../../support/peer-process/index.ts";

/** What left the sockets of some processes. */
export interface Traffic {
  readonly octets: number;
  readonly segments: number;
}

/** IP and TCP headers of a segment, with the timestamps option. */
export const HEADER_OCTETS = 52;

/** All that the open connections of these processes have sent so far, as the kernel counts it; undefined without `ss`. */
export function sentBy(peers: readonly PeerProcess[]): Traffic | undefined {
  let text: string;
  try {
    text = execFileSync("ss", ["-tinpOH", "state", "established"], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch {
    return undefined;
  }
  const own = new Set(peers.map(({ pid }) => pid));
  let octets = 0;
  let segments = 0;
  for (const line of text.split("\n")) {
    if (!own.has(Number(/pid=(\d+)/.exec(line)?.[1]))) continue;
    octets += Number(/bytes_sent:(\d+)/.exec(line)?.[1] ?? 0);
    segments += Number(/segs_out:(\d+)/.exec(line)?.[1] ?? 0);
  }
  return { octets, segments };
}
