import { CdrInput, CdrOutput } from "../../orb/generated.ts";
import { type Binding, componentKey } from "../bindings/index.ts";
import {
  applyDelta,
  type Delta,
  RECENT_CHANGES,
  type StoredVoter,
  type Value,
  type Vote,
  type VoterState,
  type VoterStore,
  VoterStoreError,
  type VoterWrite,
} from "../names/index.ts";
import {
  checkSum,
  hashed,
  type Key,
  OwnedFile,
  type Records,
  textOf,
  withSum,
} from "../disk/index.ts";
import { UTF_8 } from "./message-codec.ts";
import { Names } from "./names.ts";
import {
  maybe,
  packBinding,
  packConfig,
  packDelta,
  packEntry,
  unpackBinding,
  unpackConfig,
  unpackEntry,
  unpackValue,
} from "./values.ts";

const NAME = "names.lmdb";
/** Another form is refused, not guessed at. */
const FORM = "orbweaver names 1";
const FORM_KEY = "form";
const HEAD_KEY = "head";
const REGISTER_KEY = "register";
const BINDING_KEY = "binding";
const ENTRY_KEY = "entry";
/** Behind every hash in the order of keys. */
const LAST = "~";

function registerKey(register: string): Key {
  return [REGISTER_KEY, hashed(register)];
}

function bindingKey(register: string, component: Binding["component"]): Key {
  return [BINDING_KEY, hashed(register), hashed(componentKey(component))];
}

/** Numbers come in their order. */
function entryKey(register: string, count: number): Key {
  return [ENTRY_KEY, hashed(register), count];
}

/**
 * A voter's store in one file of LMDB. A write ends when it is synchronised to the disk; it is one transaction, so that
 * a crash leaves all of it or nothing. The bindings of a context and its last changes are kept one by one: a change
 * writes what it changes.
 */
export class LmdbVoterStore implements VoterStore {
  readonly #file: OwnedFile;
  readonly #database: Records;

  private constructor(file: OwnedFile) {
    this.#file = file;
    this.#database = file.records;
  }

  /**
   * @param folder made when it is not there; for one peer, and one process at a time
   * @throws VoterStoreError
   */
  static open(folder: string): LmdbVoterStore {
    return new LmdbVoterStore(OwnedFile.open(folder, NAME, fault));
  }

  async load(): Promise<StoredVoter | undefined> {
    try {
      const stored = this.#load();
      await this.#file.take();
      return stored;
    } catch (cause) {
      throw new VoterStoreError(
        `the store ${this.#file.path} is damaged (${textOf(cause)}): restore it, or move it away to have this peer taken in anew by a majority of the other voters`,
        { cause },
      );
    }
  }

  async write(writes: readonly VoterWrite[]): Promise<void> {
    await this.#file.write(() => {
      this.#put(FORM_KEY, Buffer.from(FORM));
      for (const write of writes) this.#write(write);
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #load(): StoredVoter | undefined {
    const form = this.#database.get(FORM_KEY);
    if (form === undefined) return undefined;
    const name = checkSum(form).toString();
    if (name !== FORM) throw new VoterStoreError(`its form is "${name}", known is "${FORM}"`);
    const packedHead = this.#database.get(HEAD_KEY);
    if (packedHead === undefined) throw new VoterStoreError("it has no head");
    const head = read(packedHead, Names.readHead);
    const registers = new Map<string, VoterState<Value>>();
    const range = { start: [REGISTER_KEY, ""], end: [REGISTER_KEY, LAST] };
    for (const { key, value } of this.#database.getRange(range)) {
      const record = read(value, Names.readRegister);
      if (String(key) !== String(registerKey(record.id)))
        throw new VoterStoreError("a register is not where it belongs");
      registers.set(record.id, this.#stateOf(record));
    }
    const { store, active, is_sealed: isSealed, known } = head;
    const [first] = active.map(unpackConfig);
    return { head: { store, active: first, isSealed, known: unpackConfig(known) }, registers };
  }

  #stateOf({ id, promised, voted, vote }: Names.Register): VoterState<Value> {
    const [ballot] = voted;
    const [value] = vote.map(unpackValue);
    if (ballot === undefined || value === undefined) return { promised, vote: undefined };
    const kept: Vote<Value> =
      value.is === "config"
        ? { ballot, value: value.config }
        : { ballot, value: this.#contextOf(id, value.delta) };
    return { promised, vote: kept };
  }

  #contextOf(register: string, delta: Delta): Value {
    const set: Binding[] = [];
    for (const { value } of this.#database.getRange(rangeOf(BINDING_KEY, register)))
      set.push(unpackBinding(read(value, Names.readBinding)));
    const recent: Delta["recent"][number][] = [];
    for (const { value } of this.#database.getRange(rangeOf(ENTRY_KEY, register)))
      recent.push(unpackEntry(read(value, Names.readEntry)));
    const state = applyDelta(undefined, { ...delta, set, recent });
    if (state === undefined) throw new VoterStoreError(`the context ${register} makes no sense`);
    return state;
  }

  #put(key: Key, octets: Uint8Array): void {
    void this.#database.put(key, withSum(octets));
  }

  #register(register: string): Names.Register | undefined {
    const octets = this.#database.get(registerKey(register));
    return octets === undefined ? undefined : read(octets, Names.readRegister);
  }

  #putRegister(record: Names.Register): void {
    this.#put(
      registerKey(record.id),
      packed((out) => Names.writeRegister(out, record)),
    );
  }

  #write(write: VoterWrite): void {
    switch (write.what) {
      case "head": {
        const { store, active, isSealed, known } = write.head;
        const head = {
          store,
          active: maybe(active).map(packConfig),
          is_sealed: isSealed,
          known: packConfig(known),
        };
        return this.#put(
          HEAD_KEY,
          packed((out) => Names.writeHead(out, head)),
        );
      }
      case "promise": {
        const { register: id, promised } = write;
        const { voted, vote } = this.#register(id) ?? { voted: [], vote: [] };
        return this.#putRegister({ id, promised, voted, vote });
      }
      case "vote":
        return this.#writeVote(write);
      case "drop":
        this.#dropContext(write.register);
        void this.#database.remove(registerKey(write.register));
    }
  }

  #writeVote({
    register: id,
    promised,
    ballot,
    value,
  }: Extract<VoterWrite, { what: "vote" }>): void {
    if (value.is === "config") {
      const vote: Names.Value = { $d: "VALUE_CONFIG", voters: packConfig(value.config) };
      return this.#putRegister({ id, promised, voted: [ballot], vote: [vote] });
    }
    const { delta } = value;
    if (delta.from === undefined) this.#dropContext(id);
    else this.#checkFit(id, delta);
    if (delta.isGone) this.#dropAll(rangeOf(BINDING_KEY, id));
    for (const binding of delta.set)
      this.#put(
        bindingKey(id, binding.component),
        packed((out) => Names.writeBinding(out, packBinding(binding))),
      );
    for (const component of delta.unset) void this.#database.remove(bindingKey(id, component));
    this.#putEntries(id, delta);
    const change = packDelta({ ...delta, from: undefined, set: [], unset: [], recent: [] });
    const vote: Names.Value = { $d: "VALUE_CONTEXT", change };
    this.#putRegister({ id, promised, voted: [ballot], vote: [vote] });
  }

  /** The changes by their number: each new one takes the place of the one that is too long ago. */
  #putEntries(register: string, { to, recent }: Delta): void {
    const first = to.count - recent.length + 1;
    for (const [index, entry] of recent.entries()) {
      const count = first + index;
      this.#put(
        entryKey(register, count),
        packed((out) => Names.writeEntry(out, packEntry(entry))),
      );
      void this.#database.remove(entryKey(register, count - RECENT_CHANGES));
    }
  }

  #checkFit(register: string, { to }: Delta): void {
    const [before] = (this.#register(register)?.vote ?? []).map(unpackValue);
    if (before?.is !== "context" || before.delta.to.era !== to.era)
      throw new VoterStoreError(`context ${register}: a change does not fit what is kept`);
  }

  #dropContext(register: string): void {
    this.#dropAll(rangeOf(BINDING_KEY, register));
    this.#dropAll(rangeOf(ENTRY_KEY, register));
  }

  #dropAll(range: ReturnType<typeof rangeOf>): void {
    // Read first: a range is read as one goes, and would go over what is being removed.
    const keys = Array.from(this.#database.getRange(range), ({ key }) => key);
    for (const key of keys) void this.#database.remove(key);
  }
}

/** Everything of a context under one of the keys, in order. */
function rangeOf(
  what: typeof BINDING_KEY | typeof ENTRY_KEY,
  register: string,
): { readonly start: Key; readonly end: Key } {
  const place = hashed(register);
  return { start: [what, place], end: [what, place + LAST] };
}

function packed(write: (out: CdrOutput) => void): Uint8Array {
  const out = new CdrOutput({ charSet: UTF_8 });
  write(out);
  return out.finish();
}

function read<T>(octets: Buffer, reading: (input: CdrInput) => T): T {
  return reading(new CdrInput(checkSum(octets), { charSet: UTF_8, littleEndian: true }));
}

function fault(message: string, options?: ErrorOptions): VoterStoreError {
  return new VoterStoreError(message, options);
}
