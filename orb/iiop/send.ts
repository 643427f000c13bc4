import type { CdrOutput } from "../cdr/index.ts";
import { Giop11Output, splitMessage } from "../giop/index.ts";
import type { Outbox } from "./outbox.ts";

/**
 * Queues a message that `out` holds, in fragments of at most `fragmentOctets` where that is not 0.
 * @param free called at most once, when the buffer of a message that was not copied may be used again
 * @returns whether the message's buffer may be used again at once
 */
export function sendMessage(
  outbox: Outbox,
  out: CdrOutput,
  message: Uint8Array,
  fragmentOctets: number,
  free: () => void,
): boolean {
  if (fragmentOctets === 0 || message.length <= fragmentOctets) return outbox.add(message, free);
  let isCopied = true;
  const positions = out instanceof Giop11Output ? out.eightOctetPositions : undefined;
  for (const piece of splitMessage(message, fragmentOctets, positions)) {
    isCopied = outbox.add(piece) && isCopied;
  }
  return isCopied;
}
