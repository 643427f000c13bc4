import { splitMessage } from "../giop/index.ts";
import type { Outbox } from "./outbox.ts";

/**
 * Queues a message, in fragments of at most `fragmentOctets` where that is not 0.
 * @param free called at most once, when the buffer of a message that was not copied may be used again
 * @returns whether the message's buffer may be used again at once
 */
export function sendMessage(
  outbox: Outbox,
  message: Uint8Array,
  fragmentOctets: number,
  free: () => void,
): boolean {
  if (fragmentOctets === 0 || message.length <= fragmentOctets) return outbox.add(message, free);
  let isCopied = true;
  for (const piece of splitMessage(message, fragmentOctets)) {
    isCopied = outbox.add(piece) && isCopied;
  }
  return isCopied;
}
