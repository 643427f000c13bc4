import type { Channel, Clock } from "../../orb/index.ts";

/** What a process may write: its name in the first line, then what its event loop does, and that it leaves. */
const NAME = /^process ([^\s]{1,200})$/;
const BUSY = /^busy (\d(?:\.\d{1,9})?)$/;
const BYE = "bye";
/** Octets of a line. */
const MOST_LINE = 256;
/** Processes of a host, and those that ended and are still told of. */
const MOST_PROCESSES = 1_024;
const MOST_GONE = 256;
/** Connections that have not said a name, and the milliseconds that they have for it. */
const MOST_NAMELESS = 64;
const NAME_MS = 2_000;

/** A process that lives. */
interface Life {
  /** Of its event loop; below 0: it does not say. */
  eventLoop: number;
}

export interface ProcessEvents {
  /** One came, or left in order. */
  changed(): void;
  /** One died: its connection ended without a word. */
  died(name: string): void;
}

/**
 * The processes of a host by their connections to a UNIX-domain socket. The kernel ends a connection when its process
 * ends, however it ends, so that nobody need ask whether it lives.
 */
export class Processes {
  readonly #lives: Map<string, Life> = new Map();
  readonly #gone: Set<string> = new Set();
  readonly #channels: Set<Channel> = new Set();
  readonly #events: ProcessEvents;
  readonly #clock: Clock;
  #namelessCount = 0;

  constructor(events: ProcessEvents, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  get alive(): readonly { readonly name: string; readonly event_loop: number }[] {
    return [...this.#lives].map(([name, { eventLoop }]) => ({ name, event_loop: eventLoop }));
  }

  get gone(): readonly string[] {
    return [...this.#gone];
  }

  /** A connection came. */
  accept(channel: Channel): void {
    if (this.#namelessCount >= MOST_NAMELESS) {
      channel.destroy();
      return;
    }
    this.#namelessCount++;
    this.#channels.add(channel);
    const line = new Line(this, channel);
    const late = this.#clock.timer(NAME_MS, () => line.late());
    late.unref();
    channel.start({
      data: (chunk) => line.data(chunk),
      drained: () => undefined,
      closed: () => {
        late.cancel();
        this.#channels.delete(channel);
        line.closed();
      },
    });
  }

  /** Ends all connections; nobody died. */
  close(): void {
    for (const channel of this.#channels) channel.destroy();
    this.#channels.clear();
    this.#lives.clear();
  }

  /** Internal: @returns why not */
  _begin(name: string): string | undefined {
    if (this.#lives.has(name)) return `a process "${name}" is connected already`;
    if (this.#lives.size >= MOST_PROCESSES)
      return `${MOST_PROCESSES} processes are watched at most`;
    this.#namelessCount--;
    this.#lives.set(name, { eventLoop: -1 });
    this.#gone.delete(name);
    this.#events.changed();
    return undefined;
  }

  /** Internal. */
  _busy(name: string, share: number): void {
    const life = this.#lives.get(name);
    if (life !== undefined) life.eventLoop = share;
  }

  /** Internal. */
  _end(name: string | undefined, inOrder: boolean): void {
    if (name === undefined) {
      this.#namelessCount--;
      return;
    }
    if (!this.#lives.delete(name)) return;
    this.#gone.add(name);
    if (this.#gone.size > MOST_GONE) {
      const [oldest] = this.#gone;
      if (oldest !== undefined) this.#gone.delete(oldest);
    }
    if (inOrder) this.#events.changed();
    else this.#events.died(name);
  }
}

/** One connection. */
class Line {
  readonly #processes: Processes;
  readonly #channel: Channel;
  #text = "";
  #name: string | undefined;
  #isLeaving = false;
  #isOver = false;

  constructor(processes: Processes, channel: Channel) {
    this.#processes = processes;
    this.#channel = channel;
  }

  data(chunk: Uint8Array): void {
    this.#text += Buffer.from(chunk).toString("latin1");
    for (let end = this.#text.indexOf("\n"); end >= 0; end = this.#text.indexOf("\n")) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      if (this.#isOver) return;
      this.#read(line);
    }
    if (this.#text.length > MOST_LINE) this.#refuse(`a line has ${MOST_LINE} octets at most`);
  }

  /** Its time to say a name is over. */
  late(): void {
    if (this.#name === undefined && !this.#isOver)
      this.#refuse(`"process NAME" comes within ${NAME_MS} ms`);
  }

  closed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#processes._end(this.#name, this.#isLeaving);
  }

  #read(line: string): void {
    const [, name] = NAME.exec(line) ?? [];
    const [, busy] = BUSY.exec(line) ?? [];
    if (this.#name === undefined && name !== undefined) this.#begin(name);
    else if (this.#name !== undefined && busy !== undefined)
      this.#processes._busy(this.#name, Math.min(1, Number(busy)));
    else if (this.#name !== undefined && line === BYE) this.#isLeaving = true;
    else
      this.#refuse('"process NAME" is the first line, then "busy SHARE" and "bye" are understood');
  }

  #begin(name: string): void {
    const why = this.#processes._begin(name);
    if (why !== undefined) {
      this.#refuse(why);
      return;
    }
    this.#name = name;
    this.#say("ok");
  }

  #refuse(why: string): void {
    this.#say(`no ${why}`);
    this.#channel.end();
    this.closed();
  }

  #say(line: string): void {
    this.#channel.send(Buffer.from(`${line}\n`));
  }
}
