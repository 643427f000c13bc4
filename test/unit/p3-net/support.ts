import { once } from "node:events";
import type { Logger } from "../../../orb/index.ts";
import type { Standing } from "../../../services/overlay/index.ts";
import { openPeer, type OpenPeerOptions, type PeerNode } from "../../../services/p3-net/index.ts";

export const HOST = "127.0.0.1";

export interface LogLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what is said. */
export function keptLog(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const line =
    (level: keyof Logger) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      void lines.push({ level, message, fields });
  const logger = {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
  };
  return { logger, lines };
}

/** `HOST:PORT` of a peer's membership. */
export function seedOf({ ref }: Pick<PeerNode, "ref">): string {
  return ref.address.split(",")[0] ?? "";
}

/** Where the three services of a peer listen. */
export function portsOf({ ref }: Pick<PeerNode, "ref">): readonly number[] {
  return ref.address
    .slice(ref.address.indexOf(":") + 1)
    .split(",")
    .map(Number);
}

/** A peer of this process, which has joined. */
export async function joined(options: Partial<OpenPeerOptions>): Promise<PeerNode> {
  const node = await openPeer({ host: HOST, seeds: [], ...options });
  const isIn = untilStanding(node, ({ at }) => at === "member" || at === "coordinator");
  node.overlay.membership.join();
  await isIn;
  return node;
}

/** Settled when a peer stands as is wanted. @throws Error when it does not in time */
export async function untilStanding(
  { overlay, ref }: PeerNode,
  isIt: (standing: Standing) => boolean,
  timeoutMs: number = 20_000,
): Promise<void> {
  if (isIt(overlay.membership.standing())) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      const now = JSON.stringify(overlay.membership.standing());
      reject(new Error(`${ref.id} stands as ${now} after ${timeoutMs} ms`));
    }, timeoutMs);
    const stop = overlay.watch((event) => {
      if (event.kind !== "standing" || !isIt(event.standing)) return;
      clearTimeout(timer);
      stop();
      resolve();
    });
  });
}

/** Settled when `isIt` holds, looked at with every event of a peer and every few milliseconds. */
export async function until(isIt: () => boolean, timeoutMs: number = 20_000): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  const ticks = new EventTarget();
  const timer = setInterval(() => ticks.dispatchEvent(new Event("tick")), 5);
  try {
    while (!isIt()) await once(ticks, "tick", { signal });
    return true;
  } catch {
    return isIt();
  } finally {
    clearInterval(timer);
  }
}
