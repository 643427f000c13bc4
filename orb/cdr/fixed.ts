import { BAD_PARAM, DATA_CONVERSION, MINOR } from "../exception/index.ts";

/** Most digits a fixed-point number of IDL has. */
export const MOST_DIGITS = 31;

const DECIMAL = /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?[dD]?$/u;
const POSITIVE = 0xc;
const NEGATIVE = 0xd;

function digitsOf(unscaled: bigint): string {
  return (unscaled < 0n ? -unscaled : unscaled).toString();
}

/** A decimal number of IDL's type `fixed`: `unscaled` divided by 10 to the power of `scale`, exactly. */
export class Fixed {
  readonly unscaled: bigint;
  /** Digits behind the point; negative for whole tens, hundreds … */
  readonly scale: number;

  constructor(unscaled: bigint, scale: number = 0) {
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /**
   * The number a text such as `-12.50` says, with as many digits behind the point.
   * @throws TypeError for any other text
   */
  static parse(text: string): Fixed {
    const { sign = "", whole = "", fraction = "" } = DECIMAL.exec(text)?.groups ?? {};
    if (whole === "" && fraction === "") {
      throw new TypeError(`${JSON.stringify(text)} is no decimal number such as -12.50`);
    }
    const size = BigInt(whole + fraction);
    return new Fixed(sign === "-" ? -size : size, fraction.length);
  }

  /** Least number of digits a type needs to hold it. */
  get digits(): number {
    return Math.max(digitsOf(this.unscaled).length, this.scale, 1);
  }

  /** The same number with another scale; undefined where digits would be lost. */
  rescaled(scale: number): Fixed | undefined {
    const by = scale - this.scale;
    if (by === 0) return this;
    if (by > 0) return new Fixed(this.unscaled * 10n ** BigInt(by), scale);
    const divisor = 10n ** BigInt(-by);
    if (this.unscaled % divisor !== 0n) return undefined;
    return new Fixed(this.unscaled / divisor, scale);
  }

  equals(other: Fixed): boolean {
    const scale = Math.max(this.scale, other.scale);
    return this.rescaled(scale)?.unscaled === other.rescaled(scale)?.unscaled;
  }

  /** Decimal, with all digits of the scale: `12.50`. */
  toString(): string {
    const sign = this.unscaled < 0n ? "-" : "";
    const digits = digitsOf(this.unscaled);
    if (this.scale <= 0) return sign + digits + (digits === "0" ? "" : "0".repeat(-this.scale));
    const padded = digits.padStart(this.scale + 1, "0");
    return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`;
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.toString());
  }
}

/** How many octets a fixed of so many digits takes: two digits each, and half of one for the sign. */
export function fixedOctets(digits: number): number {
  return (digits >> 1) + 1;
}

/**
 * Packed decimal, two digits an octet, the sign last (CORBA 3.3 Part 2, 9.3.2.8).
 * @throws BAD_PARAM for what is no {@link Fixed}; DATA_CONVERSION for a number that does not fit
 */
export function encodeFixed(v: Fixed, digits: number, scale: number): Uint8Array {
  if (digits < 1 || digits > MOST_DIGITS) {
    throw new BAD_PARAM(`fixed of ${digits} digits, 1 to 31 allowed`, MINOR.integerOutOfRange);
  }
  if (!(v instanceof Fixed)) {
    const text = `fixed<${digits}, ${scale}> needs a Fixed, not ${v === null ? "null" : typeof v}`;
    throw new BAD_PARAM(text, MINOR.wrongJavaScriptType);
  }
  const fitting = v.rescaled(scale);
  const text = fitting === undefined ? undefined : digitsOf(fitting.unscaled);
  if (fitting === undefined || text === undefined || text.length > digits) {
    const message = `${v.toString()} does not fit into fixed<${digits}, ${scale}>`;
    throw new DATA_CONVERSION(message, MINOR.fixedOutOfRange);
  }
  const size = fixedOctets(digits);
  const sign = fitting.unscaled < 0n ? "d" : "c";
  return Buffer.from(text.padStart(size * 2 - 1, "0") + sign, "hex");
}

/** The number in packed decimal; undefined for octets that are none. */
export function decodeFixed(octets: Uint8Array, digits: number, scale: number): Fixed | undefined {
  const last = octets[octets.length - 1] ?? 0;
  const sign = last & 0xf;
  const first = octets[0] ?? 0;
  if (sign !== POSITIVE && sign !== NEGATIVE) return undefined;
  if (digits % 2 === 0 && first > 0xf) return undefined;
  const text = Buffer.from(octets).toString("hex").slice(0, -1);
  if (!/^\d+$/u.test(text)) return undefined;
  const size = BigInt(text);
  return new Fixed(sign === NEGATIVE ? -size : size, scale);
}
