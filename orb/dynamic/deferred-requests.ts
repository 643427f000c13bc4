import { BAD_INV_ORDER, Completion, MINOR, NO_RESOURCES } from "../exception/index.ts";
import type { InvokeOptions } from "../call/index.ts";
import type { Request } from "./request.ts";

/** Requests one ORB keeps until somebody asks for their replies. */
export const MAX_OUTSTANDING: number = 10_000;

/** Deferred requests that were sent together, and whose replies are taken in the order they come (CORBA 3.3 Part 1, 11). */
export class DeferredRequests {
  readonly #outstanding = new Set<Request>();
  /** Those whose replies are there; some may have been taken by get_response meanwhile. */
  #answered: Request[] = [];
  #waiting: (() => void)[] = [];

  /** Sends each. @throws NO_RESOURCES when too many were never asked for; what send_deferred throws */
  send(requests: readonly Request[], options?: InvokeOptions): void {
    this.#forgetTaken();
    if (this.#outstanding.size + requests.length > MAX_OUTSTANDING) {
      const text = `the replies of ${this.#outstanding.size} requests wait to be taken by get_next_response; with ${requests.length} more there were more than ${MAX_OUTSTANDING}`;
      throw new NO_RESOURCES(text, MINOR.queueFull, Completion.no);
    }
    for (const request of requests) {
      request.send_deferred(options);
      this.#outstanding.add(request);
      void request._settled().then(() => this.#settled(request));
    }
  }

  /** Whether a reply is there. @throws BAD_INV_ORDER 11 when nothing is outstanding */
  poll(): boolean {
    this.#checkOutstanding();
    return this.#answered.length > 0;
  }

  /**
   * The next request whose reply is there, its results in it, or its `exception`. It ends: each request has a time limit.
   * @throws BAD_INV_ORDER 11 when nothing is outstanding
   */
  async next(): Promise<Request> {
    for (;;) {
      this.#checkOutstanding();
      const request = this.#answered.shift();
      if (request !== undefined) {
        this.#outstanding.delete(request);
        request._take();
        return request;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #settled(request: Request): void {
    this.#answered.push(request);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #checkOutstanding(): void {
    if (this.#answered[0]?._isOutstanding === false) this.#forgetTaken();
    if (this.#outstanding.size > 0) return;
    const text = "no reply is to come: no request was sent by send_multiple_requests_deferred";
    throw new BAD_INV_ORDER(text, MINOR.resultBeforeSend, Completion.no);
  }

  #forgetTaken(): void {
    this.#answered = this.#answered.filter((request) => request._isOutstanding);
    for (const request of this.#outstanding) {
      if (!request._isOutstanding) this.#outstanding.delete(request);
    }
  }
}
