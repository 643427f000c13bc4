import { lookup } from "node:dns/promises";
import { unlink } from "node:fs/promises";
import { NativeError } from "../error.ts";
import { ReactorChannel } from "./channel.ts";
import type { Engine } from "./engine.ts";
import type { ListenPlace, NativeListener, Place, ReactorOptions } from "./port.ts";
import { Slot } from "./slot.ts";

/** Milliseconds an address has before the name's next one is tried. */
const NEXT_ADDRESS_MS = 250;
/** Where the native side is to take the host for a path. */
const IS_PATH = -1;
/** Octets of messages handed over whole, where nothing else is asked for; also the most. */
const WHOLE_OCTETS = 16_384;

/** A transport of the ORB. */
export interface ReactorTransport {
  /** @throws NativeError with the system's `code`, or the signal's reason when it is aborted first */
  connect(to: Place, signal: AbortSignal): Promise<ReactorChannel>;
  /** @throws NativeError with the system's `code` (EADDRINUSE, EACCES, …) */
  listen(at: ListenPlace, accept: (channel: ReactorChannel) => void): Promise<NativeListener>;
}

function nameOf({ host, port, path }: Place): string {
  return path === undefined ? `${host}:${port}` : `unix:${path}`;
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(?:\.\d{1,3}){3}$/u.test(host);
}

/** A socket that is being connected. */
class Connecting extends Slot {
  readonly #isDone: (errno: number) => void;

  constructor(isDone: (errno: number) => void) {
    super();
    this.#isDone = isDone;
  }

  override connected(): void {
    this.#isDone(0);
  }

  override closed(errno: number): void {
    this.#isDone(errno);
  }
}

/** A socket that listens. */
class Listening extends Slot implements NativeListener {
  readonly endpoint: Place;
  readonly #engine: Engine;
  readonly #slot: number;
  readonly #accept: (channel: ReactorChannel) => void;
  #accepted = 0;
  #closing: Promise<void> | undefined;
  #isClosed: () => void = () => undefined;

  constructor(
    engine: Engine,
    slot: number,
    endpoint: Place,
    accept: (channel: ReactorChannel) => void,
  ) {
    super();
    this.endpoint = endpoint;
    this.#engine = engine;
    this.#slot = slot;
    this.#accept = accept;
    engine.put(slot, this);
  }

  override accepted(slot: number): void {
    const isLocal = this.endpoint.path !== undefined;
    const peer = isLocal
      ? `${nameOf(this.endpoint)}#${++this.#accepted}`
      : this.#engine.raw.peer(slot);
    const channel = new ReactorChannel(this.#engine, slot, peer, isLocal);
    if (this.#closing === undefined) this.#accept(channel);
    else channel.destroy();
  }

  override closed(): void {
    this.#isClosed();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { path } = this.endpoint;
    const closed = new Promise<void>((resolve) => {
      this.#isClosed = resolve;
    });
    this.#engine.raw.destroy(this.#slot);
    await closed;
    // Somebody else may have taken it away.
    if (path !== undefined) await unlink(path).catch(() => undefined);
  }

  ref(): void {
    if (this.#closing === undefined) this.#engine.raw.keep(this.#slot, true);
  }

  unref(): void {
    if (this.#closing === undefined) this.#engine.raw.keep(this.#slot, false);
  }
}

/** Opens TCP and UNIX-domain sockets of this thread's reactor. */
export class Sockets {
  readonly #engine: Engine;
  readonly #keepAliveMs: number;
  readonly #userTimeoutMs: number;
  readonly #wholeOctets: number;
  readonly #resetOnCrash: boolean;

  constructor(engine: Engine, options: ReactorOptions) {
    this.#engine = engine;
    this.#keepAliveMs = options.keepAliveMs ?? 0;
    this.#userTimeoutMs = options.userTimeoutMs ?? 0;
    this.#wholeOctets = Math.min(options.wholeOctets ?? WHOLE_OCTETS, WHOLE_OCTETS);
    this.#resetOnCrash = options.resetOnCrash === true;
    engine.spin(options.spinUs ?? 0);
  }

  async connect(to: Place, signal: AbortSignal): Promise<ReactorChannel> {
    signal.throwIfAborted();
    const { path } = to;
    if (path !== undefined) return await this.#attempt(path, IS_PATH, to, signal);
    const addresses = await addressesOf(to.host, signal);
    for (const address of addresses.slice(0, -1)) {
      // AbortSignal.any of an AbortSignal.timeout that nobody else holds does not fire once that was collected (Node.js 20).
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), NEXT_ADDRESS_MS);
      try {
        const limited = AbortSignal.any([signal, late.signal]);
        return await this.#attempt(address, to.port, to, limited);
      } catch {
        signal.throwIfAborted();
      } finally {
        clearTimeout(timer);
      }
    }
    return await this.#attempt(addresses.at(-1) ?? to.host, to.port, to, signal);
  }

  #attempt(host: string, port: number, to: Place, signal: AbortSignal): Promise<ReactorChannel> {
    const engine = this.#engine;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const slot = engine.raw.connect(
        host,
        port,
        this.#keepAliveMs,
        this.#userTimeoutMs,
        this.#wholeOctets,
      );
      if (slot < 0) {
        reject(new NativeError("connect", -slot, nameOf(to)));
        return;
      }
      const onAbort = (): void => {
        engine.raw.destroy(slot);
        reject(signal.reason as Error);
      };
      const isDone = (errno: number): void => {
        signal.removeEventListener("abort", onAbort);
        if (signal.aborted) return;
        if (errno === 0) resolve(new ReactorChannel(engine, slot, nameOf(to), port === IS_PATH));
        else reject(new NativeError("connect", errno, nameOf({ ...to, host })));
      };
      engine.put(slot, new Connecting(isDone));
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  async listen(
    at: ListenPlace,
    accept: (channel: ReactorChannel) => void,
  ): Promise<NativeListener> {
    const slot = await this.#listen(at);
    if (slot < 0) throw new NativeError("listen", -slot, nameOf(at));
    const { host, path } = at;
    const endpoint =
      path === undefined
        ? { host, port: this.#engine.raw.port(slot) }
        : { host, port: at.port, path };
    return new Listening(this.#engine, slot, endpoint, accept);
  }

  async #listen(at: ListenPlace): Promise<number> {
    const { path } = at;
    if (path === undefined) {
      const [address = at.host] = await addressesOf(at.host);
      return this.#open(address, at.port, at);
    }
    const slot = this.#open(path, IS_PATH, at);
    const isTaken = slot < 0 && new NativeError("listen", -slot, path).code === "EADDRINUSE";
    return isTaken && (await this.#clearStale(at)) ? this.#open(path, IS_PATH, at) : slot;
  }

  #open(host: string, port: number, at: ListenPlace): number {
    return this.#engine.raw.listen(
      host,
      port,
      this.#keepAliveMs,
      this.#userTimeoutMs,
      this.#wholeOctets,
      at.ipv6Only === true,
      at.reusePort === true,
      this.#resetOnCrash,
    );
  }

  /** Takes away the socket file of a server that did not end in good order. @returns whether the path is free now */
  async #clearStale(at: Place): Promise<boolean> {
    try {
      const channel = await this.connect(at, new AbortController().signal);
      channel.start({ data: ignore, drained: ignore, closed: ignore });
      channel.destroy();
      return false;
    } catch {
      return await unlink(at.path ?? "").then(
        () => true,
        () => false,
      );
    }
  }
}

function ignore(): void {
  return undefined;
}

/** What a name stands for, in the order to try. @throws the resolver's error, or the signal's reason */
async function addressesOf(host: string, signal?: AbortSignal): Promise<readonly string[]> {
  if (isAddress(host)) return [host];
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener("abort", onAbort, { once: true });
    lookup(host, { all: true })
      .then((found) => resolve(found.map(({ address }) => address)), reject)
      .finally(() => signal?.removeEventListener("abort", onAbort));
  });
}
