import { Completion, IMP_LIMIT, MINOR, UserException } from "../exception/index.ts";
import { atomicMutexes } from "./atomic-mutexes.ts";
import { Mutex, type MutexHost } from "./mutex.ts";
import type { PriorityMutexes } from "./port.ts";

/** RTCORBA::RTORB::MutexNotFound, as TAO has it. */
export class MutexNotFound extends UserException {
  static readonly repositoryId: string = "IDL:omg.org/RTCORBA/RTORB/MutexNotFound:1.0";
  override readonly name: string = "MutexNotFound";
  override readonly repositoryId: string = MutexNotFound.repositoryId;
}

/** A mutex takes 16 words: the lock, the number of octets in its name, the name. */
const WORDS = 16;
const NAME_AT = 2;
const MAX_NAME_OCTETS = (WORDS - NAME_AT) * Int32Array.BYTES_PER_ELEMENT;
const MAX_NAMED = 255;

/** Shared memory for the named mutexes of several threads; all threads are given the same. */
export function newMutexMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer((MAX_NAMED + 1) * WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** The mutexes of one ORB: those without a name, and those that threads find by name in memory they share. */
export class MutexTable {
  readonly #host: MutexHost;
  readonly #words: Int32Array;
  readonly #octets: Uint8Array;
  readonly #named = new Map<string, Mutex>();

  /** @param memory of {@link newMutexMemory} */
  constructor(host: MutexHost, memory: SharedArrayBuffer = newMutexMemory()) {
    this.#host = host;
    this.#words = new Int32Array(memory);
    this.#octets = new Uint8Array(memory);
  }

  create(): Mutex {
    return new Mutex(this.#host, new Int32Array(new SharedArrayBuffer(4)), 0);
  }

  /**
   * @returns the mutex, and whether it was not there before
   * @throws IMP_LIMIT for a name of more than 56 octets of UTF-8, or the 256th name
   */
  createNamed(name: string): { readonly mutex: Mutex; readonly created: boolean } {
    const octets = Buffer.from(name, "utf8");
    if (octets.length === 0 || octets.length > MAX_NAME_OCTETS) {
      throw tooMuch(`the name of a mutex has 1 to ${MAX_NAME_OCTETS} octets, not ${octets.length}`);
    }
    return this.#alone(() => {
      const found = this.#find(name);
      if (found !== undefined) return { mutex: found, created: false };
      const slot = this.#slots().find((at) => this.#words[at + 1] === 0);
      if (slot === undefined) throw tooMuch(`there are ${MAX_NAMED} named mutexes already`);
      this.#octets.set(octets, (slot + NAME_AT) * Int32Array.BYTES_PER_ELEMENT);
      Atomics.store(this.#words, slot + 1, octets.length);
      return { mutex: this.#known(name, slot), created: true };
    });
  }

  /** @throws MutexNotFound */
  openNamed(name: string): Mutex {
    const found = this.#find(name);
    if (found === undefined) throw new MutexNotFound(`there is no mutex "${name}"`);
    return found;
  }

  /** For this thread; the name stays. */
  destroy(mutex: Mutex): void {
    for (const [name, known] of this.#named) if (known === mutex) this.#named.delete(name);
    mutex._destroy();
  }

  #find(name: string): Mutex | undefined {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots().find((at) => this.#nameAt(at) === name);
    return slot === undefined ? undefined : this.#known(name, slot);
  }

  #known(name: string, slot: number): Mutex {
    const mutex = new Mutex(this.#host, this.#words, slot);
    this.#named.set(name, mutex);
    return mutex;
  }

  /** Indices of the mutexes' words; the first slot is the lock of the table itself. */
  #slots(): readonly number[] {
    return Array.from({ length: MAX_NAMED }, (_, i) => (i + 1) * WORDS);
  }

  #nameAt(slot: number): string {
    const from = (slot + NAME_AT) * Int32Array.BYTES_PER_ELEMENT;
    const length = Atomics.load(this.#words, slot + 1);
    return Buffer.from(this.#octets.slice(from, from + length)).toString("utf8");
  }

  #alone<T>(work: () => T): T {
    atomicMutexes.lock(this.#words, 0);
    try {
      return work();
    } finally {
      atomicMutexes.unlock(this.#words, 0);
    }
  }
}

function tooMuch(text: string): IMP_LIMIT {
  return new IMP_LIMIT(text, MINOR.none, Completion.no);
}

/** What the mutexes of an ORB are made with: the native ones where they are there. */
export function mutexesOf(native: PriorityMutexes | undefined): PriorityMutexes {
  return native ?? atomicMutexes;
}
