import {
  checkSum,
  hashed,
  type Key,
  OwnedFile,
  type Records,
  textOf,
  withSum,
} from "../disk/index.ts";
import type { MemberId, StoreChange } from "../group/index.ts";
import {
  decodeEntry,
  decodeHead,
  decodeWitness,
  encodeEntry,
  encodeHead,
  encodeWitness,
  type StoredWitness,
} from "../group-wire/index.ts";
import type { Entry } from "../history/index.ts";
import type { MemberStore, Recovered, WitnessStore } from "../replication/index.ts";

const NAME = "groups.lmdb";
/** Another form is refused, not guessed at. */
const FORM = "orbweaver groups 1";
const FORM_KEY = "form";
const HEAD_KEY = "head";
const STATE_KEY = "state";
const ENTRY_KEY = "entry";
const WITNESS_KEY = "witness";
const LAST_OP = Number.MAX_SAFE_INTEGER;

/** What the members of one host have on disk cannot be used. */
export class GroupStoreError extends Error {
  override readonly name: string = "GroupStoreError";
}

/**
 * The logs of a host's durable members, and its votes as a witness, in one file of LMDB. A change is one transaction, so
 * that a crash leaves all of it or nothing; it is safe when it is synchronised to the disk, which several share.
 */
export class LmdbGroupStores implements AsyncDisposable {
  readonly #file: OwnedFile;
  readonly #database: Records;

  private constructor(file: OwnedFile) {
    this.#file = file;
    this.#database = file.records;
  }

  get file(): string {
    return this.#file.path;
  }

  /**
   * @param folder made when it is not there; for one host, and one process at a time
   * @throws GroupStoreError
   */
  static async open(folder: string): Promise<LmdbGroupStores> {
    const stores = new LmdbGroupStores(OwnedFile.open(folder, NAME, fault));
    await stores.#take();
    return stores;
  }

  /** Of this host's member of a group. */
  member(group: string): MemberStore {
    return new LmdbMemberStore(group, this.#database, (change) => this.#file.write(change));
  }

  get witness(): WitnessStore {
    return {
      load: (group) => {
        const kept = this.#database.get([WITNESS_KEY, hashed(group)]);
        if (kept === undefined) return undefined;
        return this.#reading(() => decodeWitness(checkSum(kept)));
      },
      save: async (vote) => {
        await this.#file.write(() => this.#putWitness(vote));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #take(): Promise<void> {
    const form = this.#database.get(FORM_KEY)?.toString() ?? FORM;
    if (form !== FORM) {
      await this.#file.close();
      throw fault(
        `the store ${this.file} cannot be opened: its form is "${form}", known is "${FORM}"`,
      );
    }
    await this.#file.take();
    await this.#file.write(() => void this.#database.put(FORM_KEY, Buffer.from(FORM)));
  }

  #putWitness(vote: StoredWitness): void {
    void this.#database.put([WITNESS_KEY, hashed(vote.group)], withSum(encodeWitness(vote)));
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw new GroupStoreError(`the store ${this.file} is damaged: ${textOf(cause)}`, { cause });
    }
  }
}

function fault(message: string, options?: ErrorOptions): GroupStoreError {
  return new GroupStoreError(message, options);
}

class LmdbMemberStore implements MemberStore {
  readonly #group: string;
  readonly #place: string;
  readonly #database: Records;
  readonly #write: (change: () => void) => Promise<void>;
  #self: MemberId | undefined;
  /** What is there is another member's, until something is saved. */
  #isNew = true;
  /** The entries that are kept: from the first to the last. */
  #first = 1;
  #last = 0;
  #checkpointOp: number | undefined;

  constructor(group: string, database: Records, write: (change: () => void) => Promise<void>) {
    this.#group = group;
    this.#place = hashed(group);
    this.#database = database;
    this.#write = write;
  }

  load(): Recovered | undefined {
    const kept = this.#database.get([HEAD_KEY, this.#place]);
    if (kept === undefined) return undefined;
    try {
      return this.#load(kept);
    } catch (cause) {
      throw new GroupStoreError(
        `what is stored of group "${this.#group}" is damaged (${textOf(cause)}): move the store away to have this member join anew`,
        { cause },
      );
    }
  }

  begin(self: MemberId): void {
    this.#self = self;
    this.#isNew = true;
  }

  save(change: StoreChange): Promise<void> {
    const self = this.#self;
    const isNew = this.#isNew;
    if (self === undefined) throw new TypeError("the store is no member's yet");
    this.#isNew = false;
    return this.#write(() => {
      if (isNew) this.#clear();
      this.#put(self, change);
    });
  }

  #clear(): void {
    this.#drop(0, LAST_OP);
    this.#putState(undefined);
    this.#first = 1;
    this.#last = 0;
    this.#checkpointOp = undefined;
  }

  #load(kept: Buffer): Recovered {
    const { self, checkpoint, ...head } = decodeHead(checkSum(kept));
    const entries: Entry[] = [];
    for (const { value } of this.#database.getRange(this.#entries(head.base + 1, LAST_OP)))
      entries.push(decodeEntry(checkSum(value)));
    for (const [at, { op }] of entries.entries())
      if (op !== head.base + 1 + at) throw new Error(`operation ${head.base + 1 + at} is missing`);
    const state = checkpoint?.hasState === true ? this.#state() : undefined;
    const whole = checkpoint === undefined ? undefined : { ...checkpoint, state };
    this.#self = self;
    this.#isNew = false;
    this.#first = head.base + 1;
    this.#last = head.base + entries.length;
    this.#checkpointOp = checkpoint?.op;
    return {
      self,
      stored: { ...head, checkpoint: whole, from: head.base + 1, entries: [] },
      entries,
    };
  }

  #state(): Uint8Array {
    const kept = this.#database.get([STATE_KEY, this.#place]);
    if (kept === undefined) throw new Error("the state of its checkpoint is missing");
    return checkSum(kept);
  }

  #put(self: MemberId, change: StoreChange): void {
    const { view, installed, promised, accepted, from, entries, base, checkpoint } = change;
    this.#drop(this.#first, base);
    this.#drop(from, this.#last);
    for (const entry of entries)
      void this.#database.put(this.#entryKey(entry.op), withSum(encodeEntry(entry)));
    this.#first = base + 1;
    this.#last = Math.max(base, from - 1 + entries.length);
    if (checkpoint?.op !== this.#checkpointOp) this.#putState(checkpoint?.state);
    this.#checkpointOp = checkpoint?.op;
    const latest =
      checkpoint === undefined
        ? undefined
        : { ...checkpoint, hasState: checkpoint.state !== undefined };
    const head = { view, installed, promised, accepted, base };
    const octets = encodeHead({ ...head, group: this.#group, self, checkpoint: latest });
    void this.#database.put([HEAD_KEY, this.#place], withSum(octets));
  }

  #putState(state: Uint8Array | undefined): void {
    const key: Key = [STATE_KEY, this.#place];
    if (state === undefined) void this.#database.remove(key);
    else void this.#database.put(key, withSum(state));
  }

  #entryKey(op: number): Key {
    return [ENTRY_KEY, this.#place, op];
  }

  #entries(from: number, to: number): { readonly start: Key; readonly end: Key } {
    return { start: this.#entryKey(from), end: this.#entryKey(to) };
  }

  /** Removes the operations from `from` to `to`. */
  #drop(from: number, to: number): void {
    if (to < from) return;
    // Read first: a range is read as one goes, and would go over what is being removed.
    const keys = Array.from(this.#database.getKeys(this.#entries(from, to + 1)));
    for (const key of keys) void this.#database.remove(key);
  }
}
