import { CdrOutput } from "../../../orb/cdr/index.ts";
import {
  readValue,
  ValueBase,
  type ValueDescriptor,
  writeValue,
} from "../../../orb/value/index.ts";

/** How many types derive from each other, each truncatable to the one before it. */
export const LEVELS = 4;

/**
 * An instance of the type of its level. Each level has a text, a value and, last of all, one more: a state that
 * ends in a value ends with its value's end tag.
 */
export class Levelled extends ValueBase {
  readonly level: number;
  texts: string[] = [];
  inner: (Levelled | null)[] = [];
  last: (Levelled | null)[] = [];

  constructor(level: number) {
    super();
    this.level = level;
  }

  override get _value(): ValueDescriptor {
    return levelOf(this.level);
  }
}

function describe(level: number): ValueDescriptor {
  return {
    repositoryId: `IDL:V/Level${level}:1.0`,
    name: `V::Level${level}`,
    base: level === 0 ? undefined : () => levelOf(level - 1),
    isTruncatable: level > 0,
    isCustom: false,
    steps: () => [
      {
        write: (out, v) => void out.string((v as Levelled).texts[level] ?? ""),
        read: (input, v) => void ((v as Levelled).texts[level] = input.string()),
      },
      {
        write: (out, v) => writeValue(out, (v as Levelled).inner[level] ?? null, levelOf(0)),
        read: (input, v) => void ((v as Levelled).inner[level] = readValue(input, levelOf(0))),
      },
      {
        write: (out, v) => writeValue(out, (v as Levelled).last[level] ?? null, levelOf(0)),
        read: (input, v) => void ((v as Levelled).last[level] = readValue(input, levelOf(0))),
      },
    ],
    create: () => new Levelled(level),
  };
}

const TYPES: readonly ValueDescriptor[] = Array.from({ length: LEVELS }, (_, i) => describe(i));

export function levelOf(level: number): ValueDescriptor {
  const type = TYPES[level];
  if (type === undefined) throw new RangeError(`no level ${level}`);
  return type;
}

/** What a receiver that knows levels up to `known` makes of a value. */
export function truncated(v: Levelled | null, known: number): Levelled | null {
  if (v === null) return null;
  const seen = new Levelled(Math.min(v.level, known));
  for (let level = 0; level <= seen.level; level++) {
    seen.texts[level] = v.texts[level] ?? "";
    seen.inner[level] = truncated(v.inner[level] ?? null, known);
    seen.last[level] = truncated(v.last[level] ?? null, known);
  }
  return seen;
}

/** Notes where the sizes of chunks stand. */
export class NotingOutput extends CdrOutput {
  readonly chunks: number[] = [];
  override patchUlong(at: number, v: number): void {
    this.chunks.push(at);
    super.patchUlong(at, v);
  }
}

/** Leaves out some of the end tags that the end tag behind them makes superfluous. */
export class TerseOutput extends CdrOutput {
  dropped = 0;
  #seed: number;
  #tag = 0;
  #behind = 0;

  constructor(seed: number) {
    super();
    this.#seed = seed;
  }

  override long(v: number): this {
    if (v < 0 && v === this.#tag + 1 && this.position === this.#behind) {
      this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 1;
      if (this.#seed % 4 !== 0) {
        this.rewind(this.position - 4);
        this.dropped++;
      }
    }
    super.long(v);
    this.#tag = v;
    this.#behind = this.position;
    return this;
  }
}
