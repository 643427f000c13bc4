import { Ring } from "../../orb/base/index.ts";

/** Where the lines of one client go. */
export interface EventSink {
  /** @param done called when the line left this process, or cannot any more */
  send(line: string, done: () => void): void;
}

/**
 * What one client is still to be told. A client that does not read loses the oldest events and is told how many: it
 * costs the process `most` lines and no more.
 */
export class EventQueue {
  readonly #sink: EventSink;
  readonly #most: number;
  readonly #waiting: Ring<string>;
  #lost = 0;
  #isSending = false;

  constructor(sink: EventSink, most: number) {
    this.#sink = sink;
    this.#most = most;
    this.#waiting = new Ring(most);
  }

  /** Events that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  add(line: string): void {
    if (this.#waiting.length === this.#most) {
      this.#waiting.shift();
      this.#lost++;
    }
    this.#waiting.push(line);
    this.#flush();
  }

  #flush(): void {
    if (this.#isSending) return;
    const line = this.#next();
    if (line === undefined) return;
    this.#isSending = true;
    this.#sink.send(line, () => {
      this.#isSending = false;
      this.#flush();
    });
  }

  #next(): string | undefined {
    if (this.#lost === 0) return this.#waiting.shift();
    const count = this.#lost;
    this.#lost = 0;
    return JSON.stringify({ about: "state", what: { kind: "lost", count } });
  }
}
