import { AsyncLocalStorage } from "node:async_hooks";
import { PortableInterceptor } from "../../idl/index.ts";
import { Any, BAD_INV_ORDER, Completion, MINOR, tc } from "../../orb/index.ts";

const NO_VALUE: Any = new Any(tc.null, undefined);

/** Values by slot; absent ones are of tk_null. */
export type SlotTable = (Any | undefined)[];

/** The slots of something that runs and all it waits for. */
interface Scope {
  readonly table: SlotTable;
  /** Made by the ORB for one upcall or interception point, and by it changed in place. */
  readonly isOwn: boolean;
}

/**
 * PortableInterceptor::Current (CORBA 3.3 Part 1, 16.4): slots that follow a call through its awaits, as a thread of
 * other languages would hold them. Following costs every promise a little, so nothing is followed where no slot was
 * allocated.
 */
export class PICurrent implements PortableInterceptor.Current {
  readonly #storage = new AsyncLocalStorage<Scope>();
  #count = 0;
  #isInitializing = true;

  /** @throws InvalidSlot for an id that was not allocated; BAD_INV_ORDER 14 inside an initializer */
  get_slot(id: PortableInterceptor.SlotId): Any {
    this.#checkReady("get_slot");
    this._check(id);
    return this.#storage.getStore()?.table[id] ?? NO_VALUE;
  }

  /** @throws InvalidSlot for an id that was not allocated; BAD_INV_ORDER 14 inside an initializer */
  set_slot(id: PortableInterceptor.SlotId, data: Any): void {
    this.#checkReady("set_slot");
    this._check(id);
    const scope = this.#storage.getStore();
    if (scope?.isOwn === true) {
      scope.table[id] = data;
      return;
    }
    // What was begun before keeps what it had.
    const table = scope?.table.slice() ?? [];
    table[id] = data;
    this.#storage.enterWith({ table, isOwn: false });
  }

  /** Internal: one more slot. */
  _allocate(): PortableInterceptor.SlotId {
    return this.#count++;
  }

  /** Internal: the ORB is made. */
  _ready(): void {
    this.#isInitializing = false;
  }

  /** Internal: whether anybody allocated a slot. */
  get _isUsed(): boolean {
    return this.#count > 0;
  }

  /** Internal: a copy of what is set here and now. */
  _copy(): SlotTable {
    return this.#storage.getStore()?.table.slice() ?? [];
  }

  /** Internal: runs `call` with the slots of `table`, which it may change. */
  _run<T>(table: SlotTable, call: () => T): T {
    return this.#count === 0 ? call() : this.#storage.run({ table, isOwn: true }, call);
  }

  /** Internal: what a table holds. @throws InvalidSlot */
  _get(table: SlotTable, id: PortableInterceptor.SlotId): Any {
    this._check(id);
    return table[id] ?? NO_VALUE;
  }

  /** Internal. @throws InvalidSlot */
  _check(id: PortableInterceptor.SlotId): void {
    if (Number.isInteger(id) && id >= 0 && id < this.#count) return;
    throw new PortableInterceptor.InvalidSlot();
  }

  #checkReady(what: string): void {
    if (!this.#isInitializing) return;
    const text = `PICurrent.${what} inside an ORB initializer`;
    throw new BAD_INV_ORDER(text, MINOR.interceptionPointForbids, Completion.no);
  }
}
