import * as orb from "../../../orb/index.ts";
import type { Any } from "../../../orb/index.ts";
import * as Interop from "../gen/Interop.ts";

/** The classes that `raise_system` may name. */
const SYSTEM_EXCEPTIONS: ReadonlyMap<string, unknown> = new Map(Object.entries(orb));

const COMPLETION = {
  completed_yes: "COMPLETED_YES",
  completed_no: "COMPLETED_NO",
  completed_maybe: "COMPLETED_MAYBE",
} as const;

type SystemExceptionClass = new (
  message: string,
  minor: number,
  completed: orb.CompletionStatus,
) => orb.SystemException;

function isSystemExceptionClass(value: unknown): value is SystemExceptionClass {
  return typeof value === "function" && value.prototype instanceof orb.SystemException;
}

/** A system exception by its name. @throws BAD_PARAM where there is none */
export function systemException(
  name: string,
  minor: number,
  completed: orb.CompletionStatus,
): orb.SystemException {
  const found = SYSTEM_EXCEPTIONS.get(name);
  if (!isSystemExceptionClass(found)) throw new orb.BAD_PARAM(`no system exception "${name}"`);
  return new found("asked for", minor, completed);
}

export const SYSTEM_EXCEPTION_NAMES: readonly string[] = [...SYSTEM_EXCEPTIONS]
  .filter(([, value]) => isSystemExceptionClass(value))
  .map(([name]) => name)
  .toSorted();

export class Faults extends Interop.FaultsSkeleton {
  override raise_empty(): void {
    throw new Interop.Empty();
  }
  override raise_refused(code: number, why: string): void {
    throw new Interop.Refused({ code, why });
  }
  override raise_awkward(
    ...[name, message, stack, cause, form]: Parameters<Interop.FaultsServant["raise_awkward"]>
  ): void {
    throw new Interop.Awkward({
      name_: name,
      message_: message,
      stack_: stack,
      cause_: cause,
      form,
    });
  }
  override raise_undeclared(why: string): void {
    throw new Interop.Undeclared({ why });
  }
  override raise_system(name: string, minor: number, completed: Interop.Completion): void {
    throw systemException(name, minor, COMPLETION[completed]);
  }
  override maybe(a: number): {
    readonly result: number;
    readonly a: number;
    readonly text: string;
  } {
    if (a < 0) throw new Interop.Refused({ code: a, why: "negative" });
    return { result: a + 1, a: a + 1, text: String(a) };
  }
  override not_implemented(): void {
    throw new orb.NO_IMPLEMENT("not implemented", 0, "COMPLETED_NO");
  }
}

export class Attributes extends Interop.AttributesSkeleton {
  #writes = 0;
  #text = "";
  #level = 0;
  #depth = 0;
  #where: Interop.Point = { x: 0, y: 0 };
  #tint: Interop.Colour = "red";
  #numbers: Interop.LongSeq = [];
  #anything: Any = new orb.Any(orb.tc.null, undefined);
  #squares: Interop.Grid = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  #live = false;

  override _get_writes(): number {
    return this.#writes;
  }
  override _get_text(): string {
    return this.#text;
  }
  override _set_text(value: string): void {
    this.#text = value;
    this.#writes++;
  }
  override _get_level(): number {
    return this.#level;
  }
  override _set_level(value: number): void {
    this.#level = value;
    this.#writes++;
  }
  override _get_depth(): number {
    return this.#depth;
  }
  override _set_depth(value: number): void {
    this.#depth = value;
    this.#writes++;
  }
  override _get_where(): Interop.Point {
    return this.#where;
  }
  override _set_where(value: Interop.Point): void {
    this.#where = value;
    this.#writes++;
  }
  override _get_tint(): Interop.Colour {
    return this.#tint;
  }
  override _set_tint(value: Interop.Colour): void {
    this.#tint = value;
    this.#writes++;
  }
  override _get_numbers(): Interop.LongSeq {
    return this.#numbers;
  }
  override _set_numbers(value: Interop.LongSeq): void {
    this.#numbers = value;
    this.#writes++;
  }
  override _get_anything(): Any {
    return this.#anything;
  }
  override _set_anything(value: Any): void {
    this.#anything = value;
    this.#writes++;
  }
  override _get_squares(): Interop.Grid {
    return this.#squares;
  }
  override _set_squares(value: Interop.Grid): void {
    this.#squares = value;
    this.#writes++;
  }
  override _get_live(): boolean {
    return this.#live;
  }
  override _set_live(value: boolean): void {
    this.#live = value;
    this.#writes++;
  }
  override _get_choice(): Interop.ByBoolean {
    return { $d: false, no: -1 };
  }
  override _get_self(): Interop.Attributes {
    return this._this();
  }
}

/** Lets calls wait until something holds. */
class Changes {
  readonly #waiting: Set<() => void> = new Set();

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  tell(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

export class Oneways extends Interop.OnewaysSkeleton {
  readonly #changes: Changes = new Changes();
  #count = 0;
  #sum = 0n;
  #notes: string[] = [];

  override clear(): void {
    this.#count = 0;
    this.#sum = 0n;
    this.#notes = [];
  }
  override add(n: number): void {
    this.#came(n);
  }
  override note(text: string, where: Interop.Point): void {
    this.#notes.push(text);
    this.#came(where.x + where.y);
  }
  override bulk(v: Uint8Array): void {
    this.#came(v.length);
  }
  override async wait(count: number): Promise<bigint> {
    await this.#changes.until(() => this.#count >= count);
    return this.#sum;
  }
  override _get_notes(): readonly string[] {
    return this.#notes;
  }

  #came(n: number): void {
    this.#sum += BigInt(n);
    this.#count++;
    this.#changes.tell();
  }
}

export class Parking extends Interop.ParkingSkeleton {
  readonly #changes: Changes = new Changes();
  readonly #parked: Map<string, number> = new Map();
  readonly #released: Map<string, number> = new Map();

  override async park(token: string): Promise<void> {
    const generation = this.#released.get(token);
    this.#count(token, 1);
    await this.#changes.until(() => this.#released.get(token) !== generation);
    this.#count(token, -1);
  }
  override async wait_parked(token: string): Promise<void> {
    await this.#changes.until(() => (this.#parked.get(token) ?? 0) > 0);
  }
  override release(token: string): void {
    this.#released.set(token, (this.#released.get(token) ?? 0) + 1);
    this.#changes.tell();
  }
  override parked(): number {
    return [...this.#parked.values()].reduce((sum, n) => sum + n, 0);
  }

  #count(token: string, more: number): void {
    this.#parked.set(token, (this.#parked.get(token) ?? 0) + more);
    this.#changes.tell();
  }
}

export class Names extends Interop.Names.LaterSkeleton {
  #attribute = 0;

  override _get_attribute(): number {
    return this.#attribute;
  }
  override _set_attribute(value: number): void {
    this.#attribute = value;
  }
  override new(in_: number, arguments_: number): number {
    if (in_ < 0) throw new Interop.Names.delete_({ toString_: "negative", exception: in_ });
    return in_ + arguments_;
  }
  override then_(
    await_: string,
    out: string,
  ): { readonly $result: string; readonly result: string } {
    return { $result: await_, result: out };
  }
  override class(
    var_: Interop.Names.function_,
    let_: Interop.Names.union,
  ): { readonly result: Interop.Names.function_; readonly let: Interop.Names.union } {
    const was = let_.$d === "oneway" ? "oneway" : "other";
    return {
      result: { ...var_, constructor: -var_.constructor },
      let: { $d: "yield", toString: was },
    };
  }
  override instanceof(v: Interop.Names.enum_): Interop.Names.enum_ {
    return v;
  }
  override constant(options_: number): number {
    return options_ + Interop.Names.const_;
  }
  override echo_late(v: Interop.Names.Late): Interop.Names.Late {
    return v;
  }
}
