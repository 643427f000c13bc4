import type { Rank } from "../base/index.ts";
import { Completion, MINOR, NO_RESOURCES } from "../exception/index.ts";
import type { ServerRequest } from "../iiop/index.ts";
import { clientGone } from "./held-requests.ts";
import type { Serial } from "./serial.ts";

/** A request that waits for its turn. */
export interface Waiter {
  readonly request: ServerRequest;
  readonly rank: Rank | undefined;
  /** `POA "x" is SINGLE_THREAD_MODEL`. */
  readonly where: string;
}

/**
 * Has a request served when its turn comes, where one runs at a time.
 * @param serve must lead to one answer and one call of `ended`
 * @param done called once, behind the answer
 */
export function takeTurn(
  thread: Serial,
  { request, rank, where }: Waiter,
  serve: (ended: () => void) => void,
  done: () => void,
): void {
  const hasToWait = thread.isBusy;
  const place = { rank, octets: request.input.remaining };
  const isQueued = thread.run((leave) => {
    const ended = (): void => {
      done();
      leave();
    };
    if (hasToWait && request.signal.aborted) {
      request.systemException(clientGone());
      ended();
    } else serve(ended);
  }, place);
  if (isQueued) return;
  const { waitingCount, waitingOctets, capacity, maxOctets } = thread;
  request.systemException(
    new NO_RESOURCES(
      `${where}, and ${waitingCount} requests with ${waitingOctets} octets wait already (${capacity} and ${maxOctets} may)`,
      MINOR.queueFull,
      Completion.no,
    ),
  );
  done();
}
